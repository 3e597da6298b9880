// Made by `npm run types` from the decoders' option tables: not to be edited. A test checks that it is current.

/** Every option of every decoder. */
interface Options {
  /** Tokens to write at most, over all runs on one canvas; the context may end it earlier. transformers stops at 20 unless told, which is no story. Default: `128`. */
  max_new_tokens: number;
  /** 0 is greedy, 1 is the model's own law; from 0.001 up to 100 otherwise. Default: `0`. */
  temperature: number;
  /** Draw from the k likeliest tokens; 0 is off, where transformers has 50 unless told. Like top_p and min_p refused at temperature 0, where it would change nothing. Default: `0`. */
  top_k: number;
  /** Draw from the fewest tokens that hold this probability; 1 is off. Default: `1`. */
  top_p: number;
  /** Drop tokens less likely than this share of the likeliest one; 0 is off. Default: `0`. */
  min_p: number;
  /** Above 1: tokens that occurred become less likely; 1 is off. Default: `1`. */
  repetition_penalty: number;
  /** Added to the logits of these token ids. */
  logit_bias: Readonly<Record<number, number>> | ReadonlyMap<number, number>;
  /** The same seed gives the same text; at temperature 0 no token is drawn, and only random orders go by it. Default: `0`. */
  seed: number;
  /** End before the first of these texts; special tokens count by their names, as <|im_end|>. */
  stop: string | readonly string[];
  /** Masks that are drafted at once; 1 drafts nothing. Default: `5`. */
  draft_tokens: number;
  /** Fill the prompt's holes, written <mask:8> for eight tokens, and write nothing behind it. Default: `false`. */
  infill: boolean;
  /** Tokens denoised together; one of the lengths the model was trained with, by default its own, or for infill one that holds the holes. */
  block_length: number | null;
  /** fixed: of block_length; entropy_run: up to block_length, as long as all of a block's entropies are small when it begins; policy: up to block_length, as the policy says that the model was loaded with. Default: `"fixed"`. */
  block_rule: "fixed" | "entropy_run" | "policy";
  /** absolute: at multiples of their length, so that the first may hold the prompt's end; prompt_end: behind the prompt. What the model was trained with is right. Default: `"absolute"`. */
  block_align: "absolute" | "prompt_end";
  /** In nats: the next block is the longest whose every token's entropy is at most this, else the shortest (block_rule entropy_run). */
  block_entropy: number | null;
  /** A length that the model was trained with, by default the shortest; finished text is read in blocks of it (block_rule entropy_run, policy). */
  min_block_length: number | null;
  /** threshold: all that are sure enough; quota: in each step as many as the number of steps asks for; factor: as many as are jointly sure: the more, the surer each must be; entropy_bound: as many as lose at most so many nats together; klass: all that are sure and whose law has come to rest; a run that is interrupted forgets this; wedlm: all of small entropy, the sooner the further left; hierarchy: all that are sure, and one in each gap that is less sure, to divide it; credit: all that are sure enough, where a token that has long been the likeliest counts for more; a run that is interrupted forgets this; ancestral: each mask opens at random by itself: the sampler of the model's own process, in so many steps; remdm: as ancestral, and what was written may be masked again; interrupted, a run goes on at about its step; p2: in each step the surest, of all of the block: what is no longer sure is masked again; interrupted, a run goes on at about its step; mask_predict: all of them, and the least sure are masked again for the next step; interrupted, a run goes on at about its step; edit: all that are sure enough, and written tokens give way to ones that the model has become sure of; first_hitting: one a step, at random: the exact sampler, of infinitely many steps; left_to_right: one a step, from left to right. Unless given: threshold, or quota where steps are given. */
  commit_rule:
    | "threshold"
    | "quota"
    | "factor"
    | "entropy_bound"
    | "klass"
    | "wedlm"
    | "hierarchy"
    | "credit"
    | "ancestral"
    | "remdm"
    | "p2"
    | "mask_predict"
    | "edit"
    | "first_hitting"
    | "left_to_right"
    | null;
  /** Commit every token of at least this confidence (klass, hierarchy and edit: above it), at least one a step; 0.5, beside klass, hierarchy and credit 0.9. Fast-dLLM has 0.9 everywhere, with which the embedded models commit one token a forward (commit_rule threshold, klass, hierarchy, credit, edit). */
  threshold: number | null;
  /** Which masks come first (commit_rule threshold, quota). */
  order: "confidence" | "random" | "left_to_right" | null;
  /** probability of the token; margin: what it has more than the best other one; neg_entropy: exp(-entropy) of the law. All of the law that the logits give, once guidance, credit or a joint sampler changed them, and before penalty, biases (a classifier's too), temperature and filters (commit_rule threshold, quota, factor, klass, hierarchy, credit). */
  confidence: "probability" | "margin" | "neg_entropy" | null;
  /** Whose: the drawn token's, which makes the text's law another one, or the likeliest token's (commit_rule threshold, quota, factor, klass, hierarchy, credit). */
  confidence_of: "drawn" | "top" | null;
  /** Denoise steps in all, spread evenly over the blocks (commit_rule quota, ancestral, remdm, p2, mask_predict). */
  steps: number | null;
  /** Denoise steps for each block; as many as it has masks unless steps are given (commit_rule quota, ancestral, remdm, p2, mask_predict). */
  denoising_steps: number | null;
  /** linear: as many in each step; cosine: few at first, many at last (commit_rule quota, ancestral, remdm, p2, mask_predict). */
  schedule: "linear" | "cosine" | null;
  /** f: the n surest are committed for the largest n whose last has a confidence of at least 1 - f / (n + 1) (commit_rule factor). */
  factor: number | null;
  /** At most this much is lost in a step: the sum of the committed tokens' entropies but the largest, in nats (commit_rule entropy_bound). */
  entropy_bound: number | null;
  /** KL divergence in nats from the step before, under which a law is at rest (commit_rule klass). */
  kl_threshold: number | null;
  /** Steps in a row for which a law must have been at rest (commit_rule klass). */
  kl_history: number | null;
  /** In nats: a token is committed if its entropy and the penalty of its distance are together under this (commit_rule wedlm). */
  entropy_threshold: number | null;
  /** Nats for each position behind the first mask (commit_rule wedlm). */
  distance_penalty: number | null;
  /** Confidence above which the surest mask of a gap is committed to divide it (commit_rule hierarchy). */
  low_threshold: number | null;
  /** Share of its credit that a token keeps from step to step (commit_rule credit). */
  credit_decay: number | null;
  /** The likeliest token earns its probability to this power (commit_rule credit). */
  credit_power: number | null;
  /** Logits gain this times log(1 + credit); 0 is off (commit_rule credit). */
  credit_weight: number | null;
  /** cap: with probability eta; rescale: with eta times the most there may be; conf: the most, shared out to the least sure; loop: as cap while nine tenths are open, which half of the steps keep so (commit_rule remdm). */
  remask: "cap" | "rescale" | "conf" | "loop" | null;
  /** How much is masked again, for cap, rescale and loop; 0 is ancestral; unless given the paper's: cap 0.008, rescale 0.015, loop 0.02 (commit_rule remdm). */
  eta: number | null;
  /** A written token gives way to another one of more than this probability; 1 edits nothing (commit_rule edit). */
  editing_threshold: number | null;
  /** Steps behind a block's last mask at most (commit_rule edit). */
  max_post_steps: number | null;
  /** Fillings of a block that are drawn in a step and weighed by an autoregressive model, given as draft (EDLM); the more, the closer to that model's law of whole blocks, to the power 1 / temperature, of what penalty, biases and filters leave; 1: none is asked. Default: `1`. */
  energy_candidates: number;
  /** Temperature of the choice among the candidates; 1 goes by their weights. Default: `1`. */
  energy_temperature: number;
  /** The share of a block that is masked, at most, for its candidates to be weighed; on a whole canvas a block is of masks alone. Default: `1`. */
  energy_from: number;
  /** And at least. Default: `0`. */
  energy_to: number;
  /** w of classifier-free guidance: logits behind the prompt count 1+w, those behind a masked prompt -w; doubles the forwards; 0: off. Default: `0`. */
  cfg_scale: number;
  /** Guides the text to a class: what each of these tokens adds to its log-odds. */
  classifier_weights: Readonly<Record<number, number>> | ReadonlyMap<number, number>;
  /** Log-odds of the class for a text without such tokens. Default: `0`. */
  classifier_bias: number;
  /** How much the class counts beside the model: the power of its probability. Default: `1`. */
  classifier_scale: number;
  /** How much likeness to what was written counts against probability; 0 is greedy, 1 leaves probability out. Default: `0.6`. */
  penalty_alpha: number;
  /** What isn't computed anew between refreshes, approximate all: prefix: what stands before the block; dual: and behind it; delayed: all but masks and what was just committed. A run that is interrupted refreshes. Default: `"none"`. */
  cache: "none" | "prefix" | "dual" | "delayed";
  /** Steps from one forward of the whole canvas to the next, 2 or more; unless given: as a block begins, delayed every 8. */
  refresh_interval: number | null;
  /** Steps from one forward of the model to the next; in those between, the joint sampler that the model was loaded with says what the tokens just written change (ADJUST); 1: none is asked. A run that is interrupted goes on with a forward of the model. Default: `1`. */
  joint_steps: number;
  /** How much resistance counts against probability; 0 is greedy. Default: `0.2`. */
  alpha: number;
  /** Against a candidate that would repeat this many tokens in a row, itself included, up to 5 and 5 for more; a length that is left out isn't repeated unless every candidate would. Default: `{"1":1,"2":2,"3":3,"4":4,"5":5}`. */
  resistance: Readonly<Record<number, number>> | ReadonlyMap<number, number>;
  /** Where drafts come from. Default: `"model"`. */
  drafter:
    | "model"
    | "tree"
    | "chains"
    | "block-diffusion"
    | "early-exit"
    | "eagle"
    | "mtp"
    | "retokenized"
    | "prompt-lookup"
    | "device-lookup"
    | "suffix"
    | "retrieval"
    | "recycling"
    | "trigram"
    | "lookahead";
  /** Tokens to draft at most for each verification, in each chain; 0 drafts nothing. Unless given: model 4 (20), tree 12, chains 4, block-diffusion 4, early-exit 4 (6), eagle 4 (59), mtp 3 (8), retokenized 4 (20), prompt-lookup 10, device-lookup 4 (10), suffix 10 (40), retrieval 16 (64), recycling 16 (80), trigram 16 (64), lookahead 20 (56); verifier bild 10. In brackets: what the methods' authors take, on devices where a forward of many rows costs little more than one of one row; on WebGPU each row costs. */
  num_assistant_tokens: number | null;
  /** constant; heuristic: 2 more after full acceptance, else 1 less; confidence: up to the first token that the draft model gives a smaller probability than assistant_confidence_threshold; adaptive: the fastest by forward_costs and the acceptance lately, for drafters of chains. Default: `"constant"`. */
  num_assistant_tokens_schedule: "constant" | "heuristic" | "confidence" | "adaptive";
  /** For confidence: the first draft with a smaller probability is the round's last; 0.4 unless given. */
  assistant_confidence_threshold: number | null;
  /** For adaptive: the cost of a forward by its rows, in forwards of one row; triptych device measures it. */
  forward_costs: Readonly<Record<number, number>> | ReadonlyMap<number, number>;
  /** For adaptive: the cost of one of the drafter's forwards, in forwards of one row of the target. */
  draft_cost: number | null;
  /** For adaptive: the cost of waiting for a result while the device has nothing to do, in forwards of one row; measured where a device is, else 0. */
  wait_cost: number | null;
  /** coupling: keeps what autoregressive would draw with the same noise; rejection: keeps a draft with probability p/q, else draws from the residual; block: keeps the longest beginning that passes a joint test; kseq: tries the chains' drafts in turn at one scale, so that each passes equally often; recursive: tries the chains' drafts in turn, each against what the ones before left of the target's law; product: keeps what the product of target and diffusion model would draw with the same noise; the text is neither's own; typical: keeps drafts that the target finds likely enough; the text's law changes; bild: greedy: takes back only drafts that the target finds very unlikely; the text is not its own. Default: `"coupling"`. */
  verifier: "coupling" | "rejection" | "block" | "kseq" | "recursive" | "product" | "typical" | "bild";
  /** The chains' first drafts: drawn independently; distinct, drawn without replacement (verifier recursive). */
  first_drafts: "independent" | "distinct" | null;
  /** r of p_target^(1-r) p_diffusion^r; 0: the target's own text, 1: all drafts are kept (verifier product). */
  diffusion_share: number | null;
  /** A draft likelier than this is always kept (verifier typical). */
  posterior_threshold: number | null;
  /** A draft is kept that is likelier than this times exp(-entropy) (verifier typical). */
  posterior_alpha: number | null;
  /** The draft model hands over where it gives its likeliest token a smaller probability; 0: never (verifier bild). */
  fallback_threshold: number | null;
  /** hand_over, as published: the draft model stops where it is unsure and the target writes there, as it does first of all and behind what it took back; each draft is read back before the next is asked for, and each verdict. discard: num_assistant_tokens are always drafted, all at once on the device, and those from the first unsure one on don't count (verifier bild). */
  fallback_rule: "hand_over" | "discard" | null;
  /** In nats: a draft whose -log p is larger is replaced, unless the target would write it itself (verifier bild). */
  rollback_threshold: number | null;
  /** corrected; literal, as in the authors' code: behind a very unlikely draft that the target would write, all are kept (verifier bild). */
  rollback_rule: "corrected" | "literal" | null;
  /** Candidates behind a token at most; 3 unless given (drafter tree). */
  tree_width: number | null;
  /** Chains drawn independently, each of num_assistant_tokens tokens (drafter chains). */
  num_draft_chains: number | null;
  /** Block length by which the draft model reads, one that it was trained on; 8 unless given (drafter block-diffusion). */
  draft_block_length: number | null;
  /** Forwards for the drafts of a round, which share them from left to right; 1 unless given, one a draft at most (drafter block-diffusion). */
  draft_steps: number | null;
  /** Layers of the target that draft, fewer than it has; 2 unless given (the authors 8 of 32) (drafter early-exit). */
  exit_layer: number | null;
  /** quadratic: masks behind every draft; linear: behind the last one, so that the round after a rejected draft has none (drafter mtp). */
  mtp_layout: "quadratic" | "linear" | null;
  /** Hugging Face's name for num_assistant_tokens of this drafter: tokens to copy from the text so far (drafter prompt-lookup). */
  prompt_lookup_num_tokens: number | null;
  /** Last tokens to look for at most; 2 unless given (drafter prompt-lookup, device-lookup). */
  max_matching_ngram_size: number | null;
  /** on_time: the device waits for the draft; late: while the device verifies, from what was known before, which suits devices that wait long and compute fast. on_time unless given (drafter prompt-lookup, suffix). */
  draft_timing: "on_time" | "late" | null;
  /** A text to draft from beside the prompt: passages that the output may repeat (drafter suffix, retrieval, trigram). */
  corpus: string | readonly number[] | null;
  /** Matching tokens that are enough to draft; 2 unless given (drafter suffix). */
  min_suffix_length: number | null;
  /** live: tri-grams of the text gain weight as it is written; off: the corpus alone is searched (drafter trigram). */
  trigram_update: "live" | "off" | null;
  /** Tokens of an n-gram; 3 unless given (the authors 5, of which each is a row more) (drafter lookahead). */
  ngram_size: number | null;
  /** Future tokens guessed at a time; 5 unless given (the authors 7), fewer where they would fill more than half of the draft (drafter lookahead). */
  window_size: number | null;
  /** n-grams kept behind each token; 5 unless given (the authors 7) (drafter lookahead). */
  guess_set_size: number | null;
  /** Masks that are looked at in each step. Default: `6`. */
  window_length: number;
}

/** Each decoder's options, in snake_case. */
export interface DecoderOptions {
  autoregressive: Pick<
    Options,
    | "max_new_tokens"
    | "temperature"
    | "top_k"
    | "top_p"
    | "min_p"
    | "repetition_penalty"
    | "logit_bias"
    | "seed"
    | "stop"
  >;
  "any-subset": Pick<
    Options,
    | "max_new_tokens"
    | "temperature"
    | "top_k"
    | "top_p"
    | "min_p"
    | "repetition_penalty"
    | "logit_bias"
    | "seed"
    | "stop"
    | "draft_tokens"
    | "infill"
  >;
  "block-diffusion": Pick<
    Options,
    | "max_new_tokens"
    | "temperature"
    | "top_k"
    | "top_p"
    | "min_p"
    | "repetition_penalty"
    | "logit_bias"
    | "seed"
    | "stop"
    | "block_length"
    | "block_rule"
    | "block_align"
    | "block_entropy"
    | "min_block_length"
    | "commit_rule"
    | "threshold"
    | "order"
    | "confidence"
    | "confidence_of"
    | "steps"
    | "denoising_steps"
    | "schedule"
    | "factor"
    | "entropy_bound"
    | "kl_threshold"
    | "kl_history"
    | "entropy_threshold"
    | "distance_penalty"
    | "low_threshold"
    | "credit_decay"
    | "credit_power"
    | "credit_weight"
    | "remask"
    | "eta"
    | "editing_threshold"
    | "max_post_steps"
    | "energy_candidates"
    | "energy_temperature"
    | "energy_from"
    | "energy_to"
    | "cfg_scale"
    | "classifier_weights"
    | "classifier_bias"
    | "classifier_scale"
    | "infill"
  >;
  contrastive: Pick<
    Options,
    "max_new_tokens" | "top_p" | "min_p" | "logit_bias" | "seed" | "stop" | "penalty_alpha"
  > & {
    /** Always 0: the candidate of the best score is taken, nothing is drawn. Default: `0`. */
    temperature: number;
    /** The likeliest tokens that are compared in each step, each a row of one forward; 1 is greedy. Default: `4`. */
    top_k: number;
    /** Always 1: penalty_alpha is what keeps from repetition. Default: `1`. */
    repetition_penalty: number;
  };
  "masked-diffusion": Pick<
    Options,
    | "max_new_tokens"
    | "temperature"
    | "top_k"
    | "top_p"
    | "min_p"
    | "repetition_penalty"
    | "logit_bias"
    | "seed"
    | "stop"
    | "cache"
    | "refresh_interval"
    | "commit_rule"
    | "threshold"
    | "order"
    | "confidence"
    | "confidence_of"
    | "steps"
    | "denoising_steps"
    | "schedule"
    | "factor"
    | "entropy_bound"
    | "kl_threshold"
    | "kl_history"
    | "entropy_threshold"
    | "distance_penalty"
    | "low_threshold"
    | "credit_decay"
    | "credit_power"
    | "credit_weight"
    | "remask"
    | "eta"
    | "editing_threshold"
    | "max_post_steps"
    | "energy_candidates"
    | "energy_temperature"
    | "energy_from"
    | "energy_to"
    | "cfg_scale"
    | "classifier_weights"
    | "classifier_bias"
    | "classifier_scale"
    | "joint_steps"
    | "infill"
  > & {
    /** Masks that are filled before the next ones are looked at; all tokens are read in any case. Default: `32`. */
    block_length: number;
  };
  momentum: Pick<
    Options,
    "max_new_tokens" | "top_p" | "min_p" | "logit_bias" | "seed" | "stop" | "alpha" | "resistance"
  > & {
    /** Always 0: the candidate of the best score is taken, nothing is drawn. Default: `0`. */
    temperature: number;
    /** The likeliest tokens that are compared in each step; 1 is greedy. Default: `5`. */
    top_k: number;
    /** Always 1: resistance is what keeps from repetition. Default: `1`. */
    repetition_penalty: number;
  };
  "set-based": Pick<
    Options,
    | "max_new_tokens"
    | "temperature"
    | "top_k"
    | "top_p"
    | "min_p"
    | "repetition_penalty"
    | "logit_bias"
    | "seed"
    | "stop"
  >;
  speculative: Pick<
    Options,
    | "max_new_tokens"
    | "temperature"
    | "top_k"
    | "top_p"
    | "min_p"
    | "repetition_penalty"
    | "logit_bias"
    | "seed"
    | "stop"
    | "drafter"
    | "num_assistant_tokens"
    | "num_assistant_tokens_schedule"
    | "assistant_confidence_threshold"
    | "forward_costs"
    | "draft_cost"
    | "wait_cost"
    | "verifier"
    | "first_drafts"
    | "diffusion_share"
    | "posterior_threshold"
    | "posterior_alpha"
    | "fallback_threshold"
    | "fallback_rule"
    | "rollback_threshold"
    | "rollback_rule"
    | "tree_width"
    | "num_draft_chains"
    | "draft_block_length"
    | "draft_steps"
    | "exit_layer"
    | "mtp_layout"
    | "prompt_lookup_num_tokens"
    | "max_matching_ngram_size"
    | "draft_timing"
    | "corpus"
    | "min_suffix_length"
    | "trigram_update"
    | "ngram_size"
    | "window_size"
    | "guess_set_size"
  >;
  "window-diffusion": Pick<
    Options,
    | "max_new_tokens"
    | "temperature"
    | "top_k"
    | "top_p"
    | "min_p"
    | "repetition_penalty"
    | "logit_bias"
    | "seed"
    | "stop"
    | "window_length"
    | "commit_rule"
    | "threshold"
    | "order"
    | "confidence"
    | "confidence_of"
    | "steps"
    | "denoising_steps"
    | "schedule"
    | "factor"
    | "entropy_bound"
    | "kl_threshold"
    | "kl_history"
    | "entropy_threshold"
    | "distance_penalty"
    | "low_threshold"
    | "credit_decay"
    | "credit_power"
    | "credit_weight"
    | "remask"
    | "eta"
    | "editing_threshold"
    | "max_post_steps"
    | "classifier_weights"
    | "classifier_bias"
    | "classifier_scale"
    | "infill"
  >;
}
