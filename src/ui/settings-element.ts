import { html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from "lit";
import { AUTO } from "../vocabulary/device.js";
import type { ChatMessage } from "../vocabulary/chat.js";
import type { Chosen } from "../vocabulary/chosen.js";
import type { WireError } from "../vocabulary/errors.js";
import { hasHoles } from "../vocabulary/holes.js";
import { type DecoderInfo, planOf } from "../worker/client.js";
import type { LoadOptions } from "../worker/model-options.js";
import { DocumentedElement } from "./documented-element.js";
import { renderDeviceMenu } from "./device-menu.js";
import { type Judge, renderJudge } from "./judge.js";
import { afterFrame } from "./after-frame.js";
import { Late } from "./late.js";
import { castModels, type ModelName, type Models, type ModelSet, preferences } from "./model-set.js";
import { readNumber } from "./number-field.js";
import type { Casting, Pane } from "./pane.js";
import { isUnable, sameFailure } from "./pane-outcome.js";
import type { Asked } from "./picker/picker.js";
import { type PlanRequest, Plans, withoutUndefined } from "./plans.js";
import { methodWords } from "./words/first.js";

/** An attribute that isn't there leaves its property undefined. */
const text = { fromAttribute: (text: string | null) => text ?? undefined };

const numeric = {
  // A text that is no number stays, so that the decoder's own check names it; only "not given" is undefined.
  fromAttribute: (text: string | null) => readNumber(text ?? ""),
};

/** The devices that an element may name. */
export type Device = NonNullable<LoadOptions["device"]>;

/** What both elements are told to write: attributes and options, and by the decoders' plans which models and options that comes to. */
export abstract class SettingsElement extends DocumentedElement {
  static override properties: PropertyDeclarations = {
    // What can be typed or chosen in an element is in its attribute as it begins, as in those of an <input>; the rest reflects.
    prompt: { useDefault: true },
    messages: { attribute: false },
    models: { converter: text, reflect: true },
    target: { converter: text },
    draft: { converter: text },
    diffusion: { converter: text },
    maxNewTokens: { attribute: "max-new-tokens", converter: numeric },
    temperature: { converter: numeric },
    seed: { converter: numeric },
    energy: { useDefault: true },
    device: { useDefault: true },
    options: { attribute: false },
    decoderInfos: { state: true },
    isEditing: { state: true },
  };

  /** Text to write on from. */
  declare prompt: string;
  /** A chat to answer in place of the prompt, by the models' own templates; undefined: there is none. */
  declare messages: readonly ChatMessage[] | undefined;
  /** Base URL of the embedded family (`story-ar`, `story-draft`, `story-diffusion`). */
  declare models: string | undefined;
  declare target: string | undefined;
  declare draft: string | undefined;
  declare diffusion: string | undefined;
  declare maxNewTokens: number | string | undefined;
  declare temperature: number | string | undefined;
  declare seed: number | string | undefined;
  /** Which model weighs what a diffusion pane with `energy_candidates` draws: `target` or `draft`, both autoregressive. */
  declare energy: Judge;
  /** On which device models run. */
  declare device: Device;
  /** Further options for every pane, by the names that `listDecoders()` gives. */
  declare options: Record<string, unknown>;
  /** Whether parts of the prompt are to be written anew. */
  declare isEditing: boolean;
  declare protected decoderInfos: readonly DecoderInfo[];

  /** The panes, in reading order. */
  protected abstract readonly panes: readonly Pane[];
  /** What each pane could do with the models at hand, by its name; empty until someone has touched the element. */
  protected readonly plans = new Plans(() => this.requestUpdate());
  private readonly picker = new Late(this, async () => {
    const { Picker } = await import("./picker/picker.js");
    return new Picker({
      requestUpdate: () => this.requestUpdate(),
      requestOf: (decoder, own) => {
        const { common } = this.setOptions(this.panes[0]);
        return this.requestFor(decoder, this.prompt, { common, here: {}, own });
      },
    });
  });
  private readonly textEdit = new Late(this, async () => {
    const { TextEdit } = await import("./edit-text.js");
    return new TextEdit(this, () => this.panes);
  });
  private isTouched = false;

  constructor() {
    super();
    this.prompt = "";
    this.messages = undefined;
    this.energy = "target";
    this.device = AUTO;
    this.options = {};
    this.decoderInfos = [];
    this.isEditing = false;
  }

  abstract readonly busy: boolean;
  /** Whether panes write, or are shown as they wrote. */
  protected abstract readonly isWriting: boolean;
  /** Writes on in every pane. */
  abstract generate(prompt?: string): Promise<unknown>;

  /** The row below the prompt in which a part of it is written anew. */
  renderEdit(): TemplateResult | typeof nothing {
    return this.textEdit.part?.render() ?? nothing;
  }

  /** The models at hand, by name. Throws when an address is none. */
  protected abstract modelsAtHand(): Models;

  /** Drawn once a frame while panes write: each of six tells of several steps between two frames. */
  protected override async scheduleUpdate(): Promise<void> {
    if (this.isWriting && this.hasUpdated) await afterFrame();
    await super.scheduleUpdate();
  }

  /** Options that a person has set: for every pane, for this one in place of those, and those that only its decoder takes. */
  protected abstract setOptions(pane: Pane): { common: Chosen; here: Chosen; own: Chosen };

  /** Called when a person has chosen a pane's method: a decoder, and what is set for it. */
  protected abstract onMethod(pane: Pane, decoder: string, options: Chosen): void;

  /** The button that opens the choice of a pane's method. */
  protected renderMethodButton(pane: Pane): TemplateResult {
    const take = (decoder: string, options: Chosen) => {
      this.onMethod(pane, decoder, options);
      this.requestUpdate();
    };
    return html`<button type="button" class="quiet" aria-haspopup="dialog" aria-label=${methodWords.change(pane.label)}
      title=${methodWords.change(pane.label)} ?disabled=${pane.isBusy} @click=${() => this.pickMethod({ pane, take })}>${methodWords.method}</button>`;
  }

  /** Opens the choice of a method. */
  protected async pickMethod(asked: Asked): Promise<void> {
    await (await this.picker.here()).open(asked);
  }

  /** The choice of a method, where it is open. */
  protected renderPicker(): TemplateResult | typeof nothing {
    return this.picker.asked?.render() ?? nothing;
  }

  /** The choice of the model that weighs, where one does. */
  protected renderJudge({ name }: Pane): TemplateResult | typeof nothing {
    if (!this.plans.of(name)?.roles?.judge) return nothing;
    return renderJudge(this.energy, (judge) => {
      this.energy = judge;
    });
  }

  /** What all panes would be refused for, before they are asked. */
  protected get sharedRefusal(): WireError | null {
    const shared = sameFailure(this.panes.map((pane) => this.refusalOf(pane)));
    return shared && !isUnable(shared) ? shared : null;
  }

  /** The choice of the device; what runs keeps its own until it has ended. */
  protected renderDeviceMenu(): TemplateResult {
    return renderDeviceMenu(
      this.device,
      this.panes.some(({ isBusy }) => isBusy),
      (device) => {
        this.device = device as Device;
      },
    );
  }

  /** The device that the element or an address names; `auto` where none does. */
  protected get deviceAsked(): string {
    try {
      return Object.values(this.modelsAtHand()).find(({ device }) => device)?.device ?? AUTO;
    } catch {
      return this.device;
    }
  }

  /** The three models as written on the element. */
  protected get modelSet(): ModelSet {
    return { target: this.target, draft: this.draft, diffusion: this.diffusion };
  }

  /** The default of an option that all decoders have; `undefined` until the worker has listed them. */
  defaultOf(option: string): unknown {
    return this.decoderInfos[0]?.options[option]?.default;
  }

  /** What holds for every pane that doesn't say otherwise: the element's options and its attributes. */
  protected get inherited(): Record<string, unknown> {
    const attributes = { max_new_tokens: this.maxNewTokens, temperature: this.temperature, seed: this.seed };
    return { ...this.options, ...withoutUndefined(attributes) };
  }

  /** What a pane's plan depends on: the models at hand, what holds for every pane, and what is set for this one. */
  protected planRequest(pane: Pane, prompt = this.prompt, set = this.setOptions(pane)): PlanRequest {
    return this.requestFor(pane.decoder, prompt, set);
  }

  private requestFor(
    decoder: string,
    prompt: string,
    { common, here, own }: ReturnType<SettingsElement["setOptions"]>,
  ): PlanRequest {
    // A prompt with holes is refused by the run itself, in words of its own.
    const infill = hasHoles(prompt) && this.takes(decoder, "infill") ? { infill: true } : {};
    const judge = this.energy === "draft" ? "draft" : "target";
    return {
      decoder,
      models: this.modelsAtHand(),
      prefer: preferences(judge),
      inherited: { ...this.inherited, ...common },
      given: { ...here, ...infill },
      chosen: { ...own },
    };
  }

  /** Whether a decoder has an option. */
  protected takes(decoder: string, option: string): boolean {
    return this.decoderInfos.some(({ name, options }) => name === decoder && option in options);
  }

  /** Which models of a set a decoder writes with, unless others at hand will do. */
  private wantedBy(decoder: string): readonly ModelName[] {
    if (this.takes(decoder, "infill")) return ["diffusion"];
    return this.takes(decoder, "drafter") ? ["target", "draft"] : ["target"];
  }

  /** The models and options that a pane writes with. Throws where none at hand can. */
  protected async castFor(pane: Pane, prompt: string, set = this.setOptions(pane)): Promise<Casting> {
    const request = this.planRequest(pane, prompt, set);
    const plan = await planOf({ ...request, isBrief: true });
    const { inherited = {}, given, chosen } = request;
    const taken = Object.entries(inherited).filter(([name]) => !(name in plan.leftOut));
    return {
      refs: castModels(plan, request.models, this.wantedBy(pane.decoder)),
      options: { ...Object.fromEntries(taken), ...(hasHoles(prompt) ? { infill: true } : {}), ...given, ...chosen },
      leftOut: plan.leftOut,
    };
  }

  /** Why the options of a pane would be refused as they are; null where they wouldn't, or isn't known. */
  protected refusalOf({ name }: Pane): WireError | null {
    return this.plans.of(name)?.refusal ?? null;
  }

  private refreshPlans(): void {
    try {
      const panes = this.panes.map((pane) => [pane.name, this.planRequest(pane)] as const);
      void this.plans.refresh(Object.fromEntries(panes));
    } catch {
      // An address that is none says so when it is loaded.
    }
  }

  protected override updated(_changed: PropertyValues): void {
    if (this.isTouched && this.decoderInfos.length > 0) this.refreshPlans();
  }

  /** From now on the menus are kept up to date. */
  touch(): void {
    if (this.isTouched) return;
    this.isTouched = true;
    this.requestUpdate();
  }
}
