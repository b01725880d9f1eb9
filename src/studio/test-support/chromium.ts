/** A real Chromium, and what is asked of every page in it. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

export { hasChromium, openChromium } from './launch.ts';

/** Fails where something of the page cannot be perceived, named or read: in light and in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    ).toEqual([]);
  }
}

/** What the page complained of since: errors, and requests to any other host. */
export function complaints(page: Page, origin: string): readonly string[] {
  const met: string[] = [];
  page.on('pageerror', (error) => met.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') met.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(?:data|blob):/.test(url)) met.push(`asked ${url}`);
  });
  return met;
}
