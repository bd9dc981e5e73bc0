//! ZRANGE in all its forms.

use super::prelude::*;
use super::zset::{Range, store};
use crate::data::zset::ZSet;

/// What a range counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// As the options say.
    Auto,
    /// Ranks.
    Rank,
    /// Scores.
    Score,
    /// Members.
    Lex,
}

enum Span {
    Ranks(i64, i64),
    Range(Range),
}

/// A range that was asked for.
pub struct Request<'a> {
    key: &'a [u8],
    span: Span,
    back: bool,
    skip: i64,
    most: i64,
    with_scores: bool,
}

impl<'a> Request<'a> {
    /// Reads the words; the key is word `at`. `back`: the direction, unless options decide.
    pub fn read(cx: &Cx<'a>, at: usize, back: Option<bool>, by: By) -> Result<Request<'a>, Fail> {
        let (mut by, mut reverse, mut with_scores) = (by, back.unwrap_or(false), false);
        let mut auto = back.is_none();
        let (mut skip, mut most) = (0, -1);
        let mut n = at + 3;
        while n < cx.argc() {
            if at == 1 && cx.is(n, "WITHSCORES") {
                with_scores = true;
            } else if cx.is(n, "LIMIT") && n + 2 < cx.argc() {
                skip = cx.int(n + 1)?;
                most = cx.int(n + 2)?;
                n += 2;
            } else if auto && cx.is(n, "REV") {
                reverse = true;
                auto = false;
            } else if by == By::Auto && cx.is(n, "BYSCORE") {
                by = By::Score;
            } else if by == By::Auto && cx.is(n, "BYLEX") {
                by = By::Lex;
            } else {
                return Err(err::SYNTAX.into());
            }
            n += 1;
        }
        if by == By::Auto {
            by = By::Rank;
        }
        if most != -1 && by == By::Rank {
            return Err("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX".into());
        }
        if with_scores && by == By::Lex {
            return Err("ERR syntax error, WITHSCORES not supported in combination with BYLEX".into());
        }
        let (first, second) = (cx.arg(at + 1), cx.arg(at + 2));
        let (low, high) = if reverse { (second, first) } else { (first, second) };
        let span = match by {
            By::Score => Span::Range(Range::scores(low, high)?),
            By::Lex => Span::Range(Range::members(low, high)?),
            _ => Span::Ranks(cx.int(at + 1)?, cx.int(at + 2)?),
        };
        Ok(Request { key: cx.arg(at), span, back: reverse, skip, most, with_scores })
    }

    /// The first rank, how many, in the direction asked for.
    fn select(&self, zset: &ZSet) -> (usize, usize) {
        let len = zset.len();
        let range = match &self.span {
            Span::Ranks(start, end) => {
                let range = super::list::range(*start, *end, len);
                if self.back { len - range.end..len - range.start } else { range }
            }
            Span::Range(range) => range.places(zset),
        };
        if self.skip < 0 || self.skip as usize >= range.len() {
            return (0, if self.skip == 0 { range.len() } else { 0 });
        }
        let skip = self.skip as usize;
        let left = range.len() - skip;
        let count = if self.most < 0 { left } else { left.min(self.most as usize) };
        if self.back { (range.end - 1 - skip, count) } else { (range.start + skip, count) }
    }

    /// Replies with the members.
    pub fn reply(&self, cx: &mut Cx<'_>) -> Res {
        let Some(zset) = cx.s.zset(cx.db, self.key)? else {
            cx.out.array(0);
            return Ok(());
        };
        let (first, count) = self.select(zset);
        let nested = self.with_scores && cx.out.resp3;
        cx.out.array(if self.with_scores && !nested { count * 2 } else { count });
        if count == 0 {
            return Ok(());
        }
        for (member, score) in zset.iter_from(first, self.back).take(count) {
            if nested {
                cx.out.array(2);
            }
            cx.out.bulk(&member);
            if self.with_scores {
                cx.out.double(score);
            }
        }
        Ok(())
    }

    /// ZRANGESTORE: stores the members at word 1.
    pub fn store(&self, cx: &mut Cx<'_>) -> Res {
        let limits = cx.s.hot.zset;
        let mut result = ZSet::new();
        if let Some(zset) = cx.s.zset(cx.db, self.key)? {
            let (first, count) = self.select(zset);
            if count > 0 {
                for (member, score) in zset.iter_from(first, self.back).take(count) {
                    result.insert(&member, score, limits);
                }
            }
        }
        let len = store(cx, cx.arg(1), result, "zrangestore");
        cx.out.len(len);
        Ok(())
    }
}
