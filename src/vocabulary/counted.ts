/**
 * A count with its noun: "1 token", "2 tokens". `many` where its plural has no "s" behind it; `shown` where the number isn't written as it is:
 * a figure that shows as 1 is of one.
 */
export function counted(count: number, one: string, many = `${one}s`, shown = String(count)): string {
  return `${shown} ${shown === "1" ? one : many}`;
}
