import { LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { Chosen } from "../vocabulary/chosen.js";
import type { WireError } from "../vocabulary/errors.js";
import { hasHoles } from "../vocabulary/holes.js";
import { type DecoderInfo, type ModelRef, planOf } from "../worker/client.js";
import { renderDecoderMenu } from "./decoder-menu.js";
import { type Judge, renderJudge } from "./judge.js";
import { castModels, type Models, type ModelSet, preferences } from "./model-set.js";
import { readNumber } from "./number-field.js";
import type { Pane } from "./pane.js";
import { isUnable, sameFailure } from "./pane-outcome.js";
import { type PlanRequest, Plans, withoutUndefined } from "./plans.js";

const numeric = {
  // A text that is no number stays, so that the decoder's own check names it; only "not given" is undefined.
  fromAttribute: (text: string | null) => readNumber(text ?? ""),
};

/** What both elements are told to write: attributes and options, and by the decoders' plans which models and options that comes to. */
export abstract class SettingsElement extends LitElement {
  static override properties: PropertyDeclarations = {
    prompt: { type: String },
    models: { type: String },
    target: { type: String },
    draft: { type: String },
    diffusion: { type: String },
    maxNewTokens: { attribute: "max-new-tokens", converter: numeric },
    temperature: { converter: numeric },
    seed: { converter: numeric },
    energy: { type: String },
    options: { attribute: false },
    decoderInfos: { state: true },
  };

  /** Text to write on from. */
  declare prompt: string;
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
  /** Further options for every pane, by the names that `listDecoders()` gives. */
  declare options: Record<string, unknown>;
  declare protected decoderInfos: readonly DecoderInfo[];

  /** The panes, in reading order. */
  protected abstract readonly panes: readonly Pane[];
  /** What each decoder could do with the models at hand; empty until someone has touched the element. */
  protected readonly plans = new Plans(() => this.requestUpdate());
  private isTouched = false;

  constructor() {
    super();
    this.prompt = "";
    this.energy = "target";
    this.options = {};
    this.decoderInfos = [];
  }

  /** The models at hand, by name. Throws when an address is none. */
  protected abstract modelsAtHand(): Models;

  /** Options that a person has set for a decoder: those that it alone takes, and those that every decoder takes. */
  protected abstract setOptions(decoder: string): { common: Chosen; own: Chosen };

  /** Called when a person has chosen a pane's decoder. */
  protected abstract onDecoder(pane: Pane, decoder: string): void;

  /** The choice of a pane's decoder. */
  protected renderDecoderMenu(pane: Pane): TemplateResult | typeof nothing {
    return renderDecoderMenu(this.decoderInfos, pane, this.plans, (decoder) => {
      this.onDecoder(pane, decoder);
      this.requestUpdate();
    });
  }

  /** The choice of the model that weighs, where one does. */
  protected renderJudge({ decoder }: Pane): TemplateResult | typeof nothing {
    if (!this.plans.of(decoder)?.roles?.judge) return nothing;
    return renderJudge(this.energy, (judge) => {
      this.energy = judge;
    });
  }

  /** What all panes would be refused for, before they are asked. */
  protected get sharedRefusal(): WireError | null {
    const shared = sameFailure(this.panes.map((pane) => this.refusalOf(pane)));
    return shared && !isUnable(shared) ? shared : null;
  }

  /** The three models as written on the element. */
  protected get modelSet(): ModelSet {
    return { target: this.target, draft: this.draft, diffusion: this.diffusion };
  }

  /** The default of an option that all decoders have; `undefined` until the worker has listed them. */
  defaultOf(option: string): unknown {
    return this.decoderInfos[0]?.options[option]?.default;
  }

  /** What holds for every pane: the element's options, its attributes, and whether the prompt has holes. */
  private given(prompt = this.prompt): Record<string, unknown> {
    const attributes = { max_new_tokens: this.maxNewTokens, temperature: this.temperature, seed: this.seed };
    return { ...this.options, ...withoutUndefined(attributes), ...(hasHoles(prompt) ? { infill: true } : {}) };
  }

  /** The options that a pane writes with. */
  protected optionsOf({ decoder }: Pane, prompt: string): Record<string, unknown> {
    const { common, own } = this.setOptions(decoder);
    return { ...this.given(prompt), ...common, ...own };
  }

  /** What a decoder's plan depends on: the models at hand, what holds for every pane, and what is set for this decoder. */
  protected planRequest(decoder: string, chosen: Chosen, prompt = this.prompt): PlanRequest {
    const { common } = this.setOptions(decoder);
    const given = { ...this.given(prompt), ...common };
    // A prompt with holes is refused by the run itself, in words of its own.
    if (!this.takes(decoder, "infill")) delete given.infill;
    const judge = this.energy === "draft" ? "draft" : "target";
    return { decoder, models: this.modelsAtHand(), prefer: preferences(judge), given, chosen: { ...chosen } };
  }

  /** Whether a decoder has an option. */
  protected takes(decoder: string, option: string): boolean {
    return this.decoderInfos.some(({ name, options }) => name === decoder && option in options);
  }

  /** The models that a pane writes with, the main one first. Throws where none at hand can. */
  protected castFor({ decoder }: Pane, prompt: string): Promise<ModelRef[]> {
    return this.castWith(decoder, this.setOptions(decoder).own, prompt);
  }

  /** The models that a decoder would write with under these options of its own. */
  protected async castWith(decoder: string, chosen: Chosen, prompt: string): Promise<ModelRef[]> {
    const request = this.planRequest(decoder, chosen, prompt);
    return castModels(await planOf({ ...request, isBrief: true }), request.models, request.prefer);
  }

  /** What must be asked for every decoder that could be chosen. */
  private planRequests(): PlanRequest[] {
    try {
      return this.decoderInfos.map(({ name }) => this.planRequest(name, this.setOptions(name).own));
    } catch {
      // An address that is none says so when it is loaded.
      return [];
    }
  }

  /** Why the options of a pane would be refused as they are; null where they wouldn't, or isn't known. */
  protected refusalOf({ decoder }: Pane): WireError | null {
    return this.plans.of(decoder)?.refusal ?? null;
  }

  protected override updated(): void {
    if (this.isTouched && this.decoderInfos.length > 0) void this.plans.refresh(this.planRequests());
  }

  /** From now on the menus are kept up to date. */
  touch(): void {
    if (this.isTouched) return;
    this.isTouched = true;
    this.requestUpdate();
  }
}
