//! `[[ … ]]`.

use crate::expand::pattern::Pattern;
use crate::shell::{Eval, Fut, Shell};
use crate::syntax::ast::Cond;
use crate::text::quote_if_needed;

impl Shell {
    pub(super) async fn run_cond(&mut self, cond: &Cond) -> Eval {
        match self.cond(cond).await? {
            Some(holds) => Ok(i32::from(!holds)),
            None => Ok(2),
        }
    }

    /// Whether it holds; none where it makes no sense, which was told.
    fn cond<'a>(&'a mut self, cond: &'a Cond) -> Fut<'a, Eval<Option<bool>>> {
        Box::pin(async move {
            Ok(match cond {
                Cond::Not(inner) => self.cond(inner).await?.map(|holds| !holds),
                Cond::Group(inner) => self.cond(inner).await?,
                Cond::And(a, b) => match self.cond(a).await? {
                    Some(true) => self.cond(b).await?,
                    other => other,
                },
                Cond::Or(a, b) => match self.cond(a).await? {
                    Some(false) => self.cond(b).await?,
                    other => other,
                },
                Cond::Word(word) => {
                    let text = self.expand_string(word).await?;
                    self.trace_cond(&format!("-n {}", quote_if_needed(&text))).await;
                    Some(!text.is_empty())
                }
                Cond::Unary(flag, word) => {
                    let text = self.expand_string(word).await?;
                    self.trace_cond(&format!("-{flag} {}", quote_if_needed(&text))).await;
                    Some(crate::builtins::test_unary(self, flag, &text))
                }
                Cond::Binary(left, op, right) => {
                    let left = self.expand_string(left).await?;
                    self.cond_binary(left, op, right).await?
                }
            })
        })
    }

    async fn trace_cond(&mut self, text: &str) {
        if self.settings.is_set("xtrace") {
            self.trace(&format!("[[ {text} ]]")).await;
        }
    }

    async fn cond_binary(&mut self, left: String, op: &str, right: &crate::syntax::ast::Word) -> Eval<Option<bool>> {
        match op {
            "=" | "==" | "!=" => {
                let text = self.expand_pattern(right).await?;
                self.trace_cond(&format!("{} {op} {text}", quote_if_needed(&left))).await;
                let options =
                    crate::expand::pattern::MatchOptions { extglob: true, ..self.match_options("nocasematch") };
                let matched = Pattern::new(&text, options).matches(&left);
                Ok(Some(matched == (op != "!=")))
            }
            "=~" => {
                let text = self.expand_regex(right).await?;
                self.trace_cond(&format!("{} =~ {text}", quote_if_needed(&left))).await;
                self.cond_regex(&left, &text).await
            }
            "<" | ">" => {
                let right = self.expand_string(right).await?;
                self.trace_cond(&format!("{} {op} {}", quote_if_needed(&left), quote_if_needed(&right))).await;
                Ok(Some(if op == "<" { left < right } else { left > right }))
            }
            "-nt" | "-ot" | "-ef" => {
                let right = self.expand_string(right).await?;
                self.trace_cond(&format!("{} {op} {}", quote_if_needed(&left), quote_if_needed(&right))).await;
                Ok(Some(crate::builtins::test_files(self, &left, op, &right)))
            }
            _ => {
                let right = self.expand_string(right).await?;
                self.trace_cond(&format!("{} {op} {}", quote_if_needed(&left), quote_if_needed(&right))).await;
                let (a, b) = match (self.cond_number(&left).await, self.cond_number(&right).await) {
                    (Some(a), Some(b)) => (a, b),
                    _ => return Ok(Some(false)),
                };
                Ok(Some(crate::builtins::compare(op, a, b)))
            }
        }
    }

    async fn cond_number(&mut self, text: &str) -> Option<i64> {
        match crate::expand::arith::evaluate(text, self) {
            Ok(value) => Some(value),
            Err(message) => {
                self.error(format!("[[: {message}")).await;
                None
            }
        }
    }

    async fn cond_regex(&mut self, left: &str, pattern: &str) -> Eval<Option<bool>> {
        let nocase = self.settings.shopt("nocasematch");
        let Some(regex) = crate::expand::regex::Regex::new(pattern, nocase) else {
            return Ok(None);
        };
        let groups = regex.find(left);
        let matched = groups.is_some();
        let items = groups.unwrap_or_default().into_iter().enumerate().map(|(i, text)| (i as i64, text)).collect();
        self.vars.raw_entry("BASH_REMATCH").value = crate::vars::Value::Indexed(items);
        Ok(Some(matched))
    }
}
