import { serve } from "wasmind/worker";

serve();
