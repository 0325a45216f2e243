import * as onecors from "onecors";
import consume from "./consume.cjs";

consume(onecors);
