// The file that a worker runs, unless an application has one of its own.
import { serve } from "./serve.js";

serve();
