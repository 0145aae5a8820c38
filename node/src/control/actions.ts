/** What may travel between the command and the process that has the vault open. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined }

/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined
}

/** A question that only a person answers, asked while an action is under way. */
export interface Question extends JsonObject {
  /** What is asked, e.g. `confirm-words`. */
  readonly ask: string
}

/** What an action has of the one who called it. */
export interface ActionContext {
  /** Tells how far it is. */
  readonly progress: (event: JsonObject) => void
  /** Asks the person; the answer is free text, `yes` or `no` for most questions. */
  readonly ask: (question: Question) => Promise<string>
  /** Aborts when the caller gives up or goes away. */
  readonly signal: AbortSignal
}

/** One thing that can be asked of a vault or an organisation. It checks its parameters itself. */
export type Action = (parameters: JsonObject, context: ActionContext) => Promise<JsonValue>

/** All that can be asked, by name. The command and the local socket offer exactly these. */
export type Actions = Readonly<Record<string, Action>>
