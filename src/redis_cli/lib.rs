//! redis-cli: the prompt, the printing, the cluster manager.
