//! LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lcs",
    arity: -3,
    flags: flag::READONLY,
    acl: acl::READ | acl::STRING | acl::SLOW,
    first: (1, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(1, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Finds the longest common substring.",
        since: "7.0.0",
        group: "string",
        complexity: "O(N*M) where N and M are the lengths of s1 and s2, respectively",
        args: "key1:k@0 key2:k@0 len:t=LEN? idx:t=IDX? min-match-len:i=MINMATCHLEN? withmatchlen:t=WITHMATCHLEN?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    // Both are looked for before either's type matters.
    let mut texts = Vec::new();
    for key in [cx.arg(1), cx.arg(2)] {
        texts.push(cx.s.read(cx.db, key).map_or(Some(Vec::new()), |value| Some(value.bytes()?.into_owned())));
    }
    let Some(texts) = texts.into_iter().collect::<Option<Vec<Vec<u8>>>>() else {
        return Err("ERR The specified keys must contain string values".into());
    };
    let (mut idx, mut len, mut with_len, mut shortest, mut at) = (false, false, false, 0, 3);
    while at < cx.argc() {
        if cx.is(at, "IDX") {
            idx = true;
        } else if cx.is(at, "LEN") {
            len = true;
        } else if cx.is(at, "WITHMATCHLEN") {
            with_len = true;
        } else if cx.is(at, "MINMATCHLEN") && at + 1 < cx.argc() {
            at += 1;
            shortest = cx.int(at)?.max(0);
        } else {
            return Err(err::SYNTAX.into());
        }
        at += 1;
    }
    if idx && len {
        return Err("ERR If you want both the length and indexes, please just use IDX.".into());
    }
    let (a, b) = (&texts[0], &texts[1]);
    let table = Table::new(a, b)?;
    if len {
        cx.out.int(i64::from(table.at(a.len(), b.len())));
    } else if idx {
        reply_ranges(cx, &table, (a, b), shortest, with_len);
    } else {
        let (mut i, mut j, mut common) = (a.len(), b.len(), Vec::new());
        while i > 0 && j > 0 {
            if a[i - 1] == b[j - 1] {
                common.push(a[i - 1]);
                i -= 1;
                j -= 1;
            } else if table.at(i - 1, j) > table.at(i, j - 1) {
                i -= 1;
            } else {
                j -= 1;
            }
        }
        common.reverse();
        cx.out.bulk(&common);
    }
    Ok(())
}

/// Lengths of the longest common subsequence of all prefixes.
struct Table {
    cells: Vec<u32>,
    width: usize,
}

impl Table {
    fn new(a: &[u8], b: &[u8]) -> Result<Table, Fail> {
        let width = b.len() + 1;
        let size = (a.len() + 1).checked_mul(width).filter(|n| *n <= 1 << 28);
        let Some(size) = size else {
            return Err("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len".into());
        };
        let mut table = Table { cells: vec![0; size], width };
        for i in 1..=a.len() {
            for j in 1..=b.len() {
                table.cells[i * width + j] = if a[i - 1] == b[j - 1] {
                    table.at(i - 1, j - 1) + 1
                } else {
                    table.at(i - 1, j).max(table.at(i, j - 1))
                };
            }
        }
        Ok(table)
    }

    fn at(&self, i: usize, j: usize) -> u32 {
        self.cells[i * self.width + j]
    }
}

fn reply_ranges(cx: &mut Cx<'_>, table: &Table, (a, b): (&[u8], &[u8]), shortest: i64, with_len: bool) {
    cx.out.map(2);
    cx.out.text("matches");
    let mark = cx.out.later();
    let mut count = 0;
    let (mut i, mut j) = (a.len(), b.len());
    let mut open: Option<(usize, usize, usize)> = None;
    let mut emit = |cx: &mut Cx<'_>, (ai, bj, len): (usize, usize, usize)| {
        if (len as i64) < shortest {
            return;
        }
        cx.out.array(if with_len { 3 } else { 2 });
        for start in [ai, bj] {
            cx.out.array(2);
            cx.out.len(start);
            cx.out.len(start + len - 1);
        }
        if with_len {
            cx.out.len(len);
        }
        count += 1;
    };
    while i > 0 && j > 0 {
        if a[i - 1] == b[j - 1] {
            open = match open {
                Some((ai, bj, len)) if ai == i && bj == j => Some((i - 1, j - 1, len + 1)),
                other => {
                    if let Some(range) = other {
                        emit(cx, range);
                    }
                    Some((i - 1, j - 1, 1))
                }
            };
            i -= 1;
            j -= 1;
        } else {
            if let Some(range) = open.take() {
                emit(cx, range);
            }
            if table.at(i - 1, j) > table.at(i, j - 1) {
                i -= 1;
            } else {
                j -= 1;
            }
        }
    }
    if let Some(range) = open {
        emit(cx, range);
    }
    cx.out.array_at(mark, count);
    cx.out.text("len");
    cx.out.int(i64::from(table.at(a.len(), b.len())));
}
