//! The computer: clock, executor, processes, signals, files, ttys, pipes, network namespaces. Knows no program.
