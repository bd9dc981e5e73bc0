//! Columns of text, laid out as Go's text/tabwriter does it.

use unicode_width::UnicodeWidthStr;

/// How cells stand in their columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// At the left.
    Left,
    /// At the right.
    Right,
}

/// A writer's settings.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The least width of a column.
    pub min_width: usize,
    /// Blanks between columns.
    pub padding: usize,
    /// Where cells stand.
    pub alignment: Alignment,
}

impl Table {
    /// What the list commands use.
    pub const LISTS: Table = Table { min_width: 10, padding: 3, alignment: Alignment::Left };
    /// What `docker top` and `docker compose` use.
    pub const WIDE: Table = Table { min_width: 20, padding: 3, alignment: Alignment::Left };

    /// Lays out lines whose cells end with tabs.
    pub fn layout(&self, text: &str) -> String {
        let lines: Vec<Vec<&str>> = text.split('\n').map(|l| l.split('\t').collect()).collect();
        let mut widths: Vec<Vec<usize>> = lines.iter().map(|l| vec![0; l.len() - 1]).collect();
        let columns = widths.iter().map(Vec::len).max().unwrap_or(0);
        for column in 0..columns {
            let mut start = 0;
            while start < lines.len() {
                let has = |i: &usize| widths.get(*i).is_some_and(|w| w.len() > column);
                if !has(&start) {
                    start += 1;
                    continue;
                }
                let end = (start..lines.len()).find(|i| !has(i)).unwrap_or(lines.len());
                let cell = |l: &Vec<&str>| l.get(column).map_or(0, |c| c.width()) + self.padding;
                let width = lines[start..end].iter().map(cell).max().unwrap_or(0).max(self.min_width);
                for line in &mut widths[start..end] {
                    line[column] = width;
                }
                start = end;
            }
        }
        let mut out = String::new();
        for (i, (line, widths)) in lines.iter().zip(&widths).enumerate() {
            if i > 0 {
                out.push('\n');
            }
            for (cell, width) in line.iter().zip(widths) {
                let blanks = " ".repeat(width.saturating_sub(cell.width()));
                match self.alignment {
                    Alignment::Left => {
                        out.push_str(cell);
                        out.push_str(&blanks);
                    }
                    Alignment::Right => {
                        out.push_str(&blanks);
                        out.push_str(cell);
                    }
                }
            }
            out.push_str(line.last().unwrap_or(&""));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let text = "NETWORK ID\tNAME\tDRIVER\tSCOPE\na902f480e2f5\tbridge\tbridge\tlocal\n";
        let want = "NETWORK ID     NAME      DRIVER    SCOPE\na902f480e2f5   bridge    bridge    local\n";
        assert_eq!(Table::LISTS.layout(text), want);
    }

    #[test]
    fn a_line_without_tabs_parts_blocks() {
        let table = Table { min_width: 0, padding: 1, alignment: Alignment::Left };
        assert_eq!(table.layout("a\tb\n\nlong\tc"), "a b\n\nlong c");
        assert_eq!(table.layout("웹\tb\nabc\tc"), "웹  b\nabc c");
    }
}
