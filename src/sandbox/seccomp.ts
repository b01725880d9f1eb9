/**
 * The system calls a program may not make, as a filter in the kernel's own bytecode: no new processes or threads, no
 * sockets, nothing that changes name spaces or looks into others. Refused calls fail with EPERM.
 */

interface Machine {
  readonly audit: number;
  readonly refused: readonly number[];
}

// clone fork vfork clone3, socket socketpair, ptrace process_vm_readv process_vm_writev, mount umount2 pivot_root chroot unshare
// setns, add_key request_key keyctl, bpf perf_event_open userfaultfd io_uring_setup, kexec_load init_module,
// shmget msgget semget mq_open memfd_create
const MACHINES: { readonly [arch: string]: Machine } = {
  x64: {
    audit: 0xc000003e,
    refused: [
      56, 57, 58, 435, 41, 53, 101, 310, 311, 165, 166, 155, 161, 272, 308, 248, 249, 250, 321, 298, 323, 425, 246, 175,
      29, 68, 64, 240, 319,
    ],
  },
  arm64: {
    audit: 0xc00000b7,
    refused: [
      220, 435, 198, 199, 117, 270, 271, 40, 39, 41, 51, 97, 268, 217, 218, 219, 280, 241, 282, 425, 104, 105, 194, 186,
      190, 180, 279,
    ],
  },
};

const LOAD = 0x20; // a word of seccomp_data
const EQUAL = 0x15;
const AT_LEAST = 0x35;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const REFUSE = 0x00050001; // EPERM
const NUMBER_AT = 0;
const ARCH_AT = 4;
/** Numbers of x64's second set of calls begin here; none of it is needed. */
const X32 = 0x40000000;

/** The filter for this machine, or nothing where its numbers are not known. */
export function seccompFilter(arch: string): Uint8Array | undefined {
  const machine = Object.hasOwn(MACHINES, arch) ? MACHINES[arch] : undefined;
  if (!machine) return undefined;
  const { audit, refused } = machine;
  const toRefusal = refused.length + 1; // from the first check of a number, over the others and ALLOW
  const steps: (readonly [code: number, yes: number, no: number, value: number])[] = [
    [LOAD, 0, 0, ARCH_AT],
    [EQUAL, 1, 0, audit],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NUMBER_AT],
    [AT_LEAST, toRefusal, 0, X32],
    ...refused.map((number, i) => [EQUAL, toRefusal - 1 - i, 0, number] as const),
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, REFUSE],
  ];
  const bytes = new DataView(new ArrayBuffer(steps.length * 8));
  steps.forEach(([code, yes, no, value], i) => {
    bytes.setUint16(i * 8, code, true);
    bytes.setUint8(i * 8 + 2, yes);
    bytes.setUint8(i * 8 + 3, no);
    bytes.setUint32(i * 8 + 4, value, true);
  });
  return new Uint8Array(bytes.buffer);
}
