/**
 * Names what a session can be asked for beside itself (`Session.beside`): the folder in `src/extension` that it is of, and in further
 * fields which one. `T` is what the key gives.
 */
export interface ExtensionKey<T> {
  readonly extension: string;
  /** Its name in an error: "this model was loaded without …". */
  readonly what: string;
  /** How a model is loaded with it; left out: it needs no loading. */
  readonly how?: string;
  /** Never there: it ties the key's type to what it gives. */
  readonly gives?: T;
}
