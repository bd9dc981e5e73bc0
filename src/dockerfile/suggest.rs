//! `did you mean …?`

/// Words further apart than this are not suggested.
const MAX_DISTANCE: usize = 2;

/// The option nearest to a word, unless the word is one of them.
pub fn nearest<'a>(word: &str, options: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for option in options {
        let distance = levenshtein(&word, &option.to_lowercase());
        if distance == 0 {
            return None;
        }
        if distance <= MAX_DISTANCE && best.is_none_or(|(b, _)| distance < b) {
            best = Some((distance, option));
        }
    }
    best.map(|(_, option)| option)
}

/// ` (did you mean X?)` or nothing.
pub fn hint(word: &str, options: &[&str]) -> String {
    nearest(word, options).map_or_else(String::new, |found| format!(" (did you mean {found}?)"))
}

fn levenshtein(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(above + 1);
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested() {
        assert_eq!(nearest("RUM", &["FROM", "RUN"]), Some("RUN"));
        assert_eq!(nearest("FOO", &["FROM", "RUN"]), Some("FROM"));
        assert_eq!(nearest("RUN", &["FROM", "RUN"]), None);
        assert_eq!(nearest("FROBNICATE", &["FROM", "RUN"]), None);
    }
}
