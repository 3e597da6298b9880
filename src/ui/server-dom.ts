// Stands in for lit's DOM of servers, which renders elements there; here they are only declared.

/** What elements extend where there is no DOM. */
export const HTMLElement: typeof globalThis.HTMLElement = globalThis.HTMLElement ?? class {};

/** No registry: nothing is defined. */
export const customElements = undefined;
