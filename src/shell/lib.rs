//! bash: syntax, expansion, evaluation, builtins, line editing.
