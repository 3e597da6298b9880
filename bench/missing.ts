/** Something the benchmark needs isn't on this machine; the message is one line that says what to do. */
export class MissingPrerequisite extends Error {
  override name = "MissingPrerequisite";
}
