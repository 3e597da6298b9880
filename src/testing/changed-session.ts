import type { ForwardRequest } from "../seam/forward.js";
import type { Rows } from "../seam/rows.js";
import type { Session } from "../seam/session.js";

/** For tests: a session whose forwards go through `change` and are followed by `after`. */
export function changedSession(
  session: Session,
  change: (request: ForwardRequest) => ForwardRequest,
  after: (session: Session) => void = () => undefined,
): Session {
  return new Proxy(session, {
    get(target, name) {
      if (name === "forward") {
        return (request: ForwardRequest): Rows => {
          const rows = target.forward(change(request));
          after(target);
          return rows;
        };
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
