//! What is printed after a test.

use super::Benchmark;
use super::load::Outcome;

/// The first line of `--csv`.
pub const CSV_HEADER: &str = "\"test\",\"rps\",\"avg_latency_ms\",\"min_latency_ms\",\"p50_latency_ms\",\"p95_latency_ms\",\
                              \"p99_latency_ms\",\"max_latency_ms\"\n";

/// Prints the report.
pub fn show(bench: &mut Benchmark, title: &str, outcome: &Outcome) {
    let latencies = &outcome.latencies;
    let milliseconds = |microseconds: u64| microseconds as f32 / 1000.0;
    let rate = outcome.finished as f32 / (outcome.time as f32 / 1000.0);
    let [min, p50, p95, p99, max] = [
        latencies.min(),
        latencies.percentile(50.0),
        latencies.percentile(95.0),
        latencies.percentile(99.0),
        latencies.max(),
    ]
    .map(milliseconds);
    let mean = latencies.mean().unwrap_or(0.0) as f32 / 1000.0;
    if bench.options.csv {
        let line = format!(
            "\"{title}\",\"{rate:.2}\",\"{mean:.3}\",\"{min:.3}\",\"{p50:.3}\",\"{p95:.3}\",\"{p99:.3}\",\"{max:.3}\"\n"
        );
        return bench.out.print(line);
    }
    bench.clear_line();
    if bench.options.quiet {
        return bench.out.print(format!("{title}: {rate:.2} requests per second, p50={p50:.3} msec\n"));
    }
    let options = &bench.options;
    let mut text = format!(
        "====== {title} ======\n  {} requests completed in {:.2} seconds\n  {} parallel clients\n  {} bytes payload\n  \
         keep alive: {}\n",
        outcome.finished,
        outcome.time as f32 / 1000.0,
        options.clients,
        options.size,
        options.keep_alive
    );
    if let Some((save, appendonly)) = &bench.server {
        text.push_str(&format!(
            "  host configuration \"save\": {save}\n  host configuration \"appendonly\": {appendonly}\n"
        ));
    }
    text.push_str("  multi-thread: no\n\nLatency by percentile distribution:\n");
    rows(&mut text, &latencies.halvings());
    text.push_str("\nCumulative distribution of latencies:\n");
    rows(&mut text, &latencies.steps());
    text.push_str(&format!(
        "\nSummary:\n  throughput summary: {rate:.2} requests per second\n  latency summary (msec):\n    \
         {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n    {mean:9.3} {min:9.3} {p50:9.3} {p95:9.3} {p99:9.3} {max:9.3}\n",
        "avg", "min", "p50", "p95", "p99", "max"
    ));
    bench.out.print(text);
}

/// Rows that add nothing to the one before are left out.
fn rows(text: &mut String, rows: &[(f64, u64, u64)]) {
    let total = rows.last().map_or(0, |r| r.2);
    let mut before = None;
    for (percent, value, count) in rows {
        if before != Some(*count) || *count == total {
            let value = *value as f64 / 1000.0;
            text.push_str(&format!("{percent:.3}% <= {value:.3} milliseconds (cumulative count {count})\n"));
        }
        before = Some(*count);
    }
}
