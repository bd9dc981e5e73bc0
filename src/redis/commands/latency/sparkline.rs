//! A graph made of characters.

/// Samples side by side in one graph.
const COLUMNS: usize = 80;
/// Rows of a graph.
const ROWS: usize = 4;
/// What one row can show of a value.
const STEPS: &[u8; 3] = b"_o#";

/// Draws values with a label under each, written downwards.
pub(super) fn render(samples: &[(i64, String)]) -> String {
    let graphs: Vec<String> = samples.chunks(COLUMNS).map(|part| graph(part, samples)).collect();
    graphs.join("\n")
}

fn graph(part: &[(i64, String)], all: &[(i64, String)]) -> String {
    let min = all.iter().map(|s| s.0).min().unwrap_or(0);
    let range = all.iter().map(|s| s.0).max().unwrap_or(0) - min;
    let steps = (STEPS.len() * ROWS) as i64;
    let heights: Vec<i64> = part.iter().map(|s| ((s.0 - min) * steps / range.max(1)).clamp(0, steps - 1)).collect();
    let mut text = String::new();
    for row in 0..ROWS {
        let below = ((ROWS - row - 1) * STEPS.len()) as i64;
        for height in &heights {
            text.push(match usize::try_from(height - below) {
                Err(_) => ' ',
                Ok(step) => STEPS.get(step).map_or('|', |c| char::from(*c)),
            });
        }
        text.push('\n');
    }
    text.push_str(&" ".repeat(part.len()));
    text.push('\n');
    let longest = part.iter().map(|s| s.1.len()).max().unwrap_or(0);
    for n in 0..longest {
        text.extend(part.iter().map(|s| s.1.as_bytes().get(n).map_or(' ', |c| char::from(*c))));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_are_columns_with_labels_below() {
        let samples = [(1, "9s".to_owned()), (5, "7s".to_owned()), (13, "10s".to_owned())];
        assert_eq!(super::render(&samples), "  #\n  |\n o|\n_||\n   \n971\nss0\n  s\n");
        assert_eq!(super::render(&[(4, "1s".to_owned())]), " \n \n \n_\n \n1\ns\n");
    }
}
