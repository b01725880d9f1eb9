/** Light, dark, or as the system has it. */
import { signal } from '@preact/signals';

export const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'plusx-studio-theme';
const asTheme = (text: string | null): Theme => THEMES.find((one) => one === text) ?? 'auto';

export const theme = signal<Theme>(asTheme(kept()));
document.documentElement.dataset['theme'] = theme.value;

export function setTheme(text: string): void {
  theme.value = asTheme(text);
  document.documentElement.dataset['theme'] = theme.value;
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // It holds for this page.
  }
}

/** A page from disk may have nothing of the kind. */
function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
