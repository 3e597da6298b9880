import "triptych-lm/define";
