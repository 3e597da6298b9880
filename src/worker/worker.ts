import { expose } from "comlink";
import { httpSource } from "../checkpoint/http-source.js";
import { decoders, findDecoder } from "../decode/index.js";
import { openDevice } from "../gpu/device.js";
import { loadModel } from "../model/load.js";
import { Host } from "./host.js";

expose(new Host({}));
