/** Lets `style` carry CSS custom properties, which React passes through and its types leave out. */
export type { CSSProperties } from 'react';

declare module 'react' {
  interface CSSProperties {
    [name: `--${string}`]: string | number;
  }
}
