import type { Command } from "commander";
import { sizeText, terminalModels, webAddress } from "../runtime/terminal-models.js";
import { InvalidOptionError } from "../vocabulary/errors.js";
import { showNews, totalText } from "./download-lines.js";
import { announce, print, printJson } from "./output.js";
import { definePresets } from "./presets.js";
import { counted } from "../vocabulary/counted.js";

/** Adds `triptych models list|get|remove|presets`: the models of hubs and other servers that are kept on this machine. */
export function defineModels(program: Command, signal: AbortSignal): Command {
  const models = program
    .command("models")
    .description("models of hubs and servers that are kept here (TRIPTYCH_CACHE, or triptych/models in ~/.cache)");
  models
    .command("list")
    .description("what is kept: bytes that are here of all, licence, address; files that aren't whole")
    .option("--json", "print one JSON object a line")
    .action(({ json }: { json?: boolean }) => list(json));
  models
    .command("get")
    .argument("<model>", "owner/name, owner/name@revision, a page of a hub, or a URL")
    .description("fetch a model's files, or the rest of them; HF_TOKEN and HF_ENDPOINT are the hub's token and address")
    .action((model: string) => get(model, signal));
  models
    .command("remove")
    .argument("<model>", "its address, as `models list` prints it")
    .description("remove a model's files")
    .action((model: string) => terminalModels().remove(addressOf(model)));
  definePresets(models);
  return models;
}

async function list(json = false): Promise<void> {
  const kept = await terminalModels().list();
  if (kept.length === 0) announce("Nothing is kept yet: triptych models get owner/name fetches a model.");
  for (const model of kept) {
    if (json) {
      printJson(model);
      continue;
    }
    const { storedBytes, byteLength, license, address, files } = model;
    const size =
      storedBytes === byteLength ? sizeText(storedBytes) : `${sizeText(storedBytes)} of ${totalText(byteLength)}`;
    print(`${size.padEnd(20)} ${(license ?? "").padEnd(12)} ${address}\n`);
    for (const file of files.filter((one) => one.storedBytes !== one.byteLength)) {
      print(`  ${file.name}: ${sizeText(file.storedBytes)} of ${totalText(file.byteLength)}\n`);
    }
  }
}

async function get(model: string, signal: AbortSignal): Promise<void> {
  const models = terminalModels();
  const address = addressOf(model);
  const deaf = models.watch(showNews);
  try {
    await models.fetch(address, { signal });
  } catch (error) {
    if (signal.aborted) announce(`Stopped; what has come is kept. Go on with: triptych models get ${model}`);
    throw error;
  } finally {
    deaf();
  }
  const { address: name, storedBytes, files } = (await models.list())[0];
  print(`${name}: ${sizeText(storedBytes)} in ${counted(files.length, "file")}\n`);
}

function addressOf(model: string): string {
  const address = webAddress(model);
  if (address !== null) return address;
  throw new InvalidOptionError(
    `${model} is a folder or file of this machine, or no address: give owner/name of a hub's model, a page of it, or a URL.`,
  );
}
