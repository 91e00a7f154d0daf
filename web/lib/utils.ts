import { type ClassValue, clsx } from "clsx";

/**
 * Class names joined. Without tailwind-merge, which is 8 kB of the page's 165: a caller's class that contradicts a component's
 * own needs an exclamation mark ("p-0!").
 */
export function cn(...inputs: ClassValue[]): string {
  return clsx(inputs);
}
