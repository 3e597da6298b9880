// What is said of an address that is packed: fetched with what unpacks one.

/** Why the settings of a long link are not the page's. */
export const packedWords = {
  damaged: "The settings in this link are cut off or damaged: the page has its own.",
  otherVersion: "The settings in this link were written by another version of Triptych: the page has its own.",
  tooLarge: "The settings in this link are too large to be read: the page has its own.",
};
