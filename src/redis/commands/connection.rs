//! What the commands about connections, channels and whole databases share.

use super::prelude::*;
use crate::acl::{Context, Reason};
use crate::server::Server;
use crate::server::errors::until_nul;
use crate::server::pubsub::Scope;

/// AUTH and HELLO AUTH.
pub fn login(cx: &mut Cx<'_>, name: &str, password: &[u8]) -> Res {
    if !cx.s.acl.authenticates(name, password) {
        let context = if cx.me().multi.is_some() { Context::Multi } else { Context::Toplevel };
        cx.s.acl_log(cx.client, Reason::Auth, context, Some(name), cx.arg(0));
        return Err("WRONGPASS invalid username-password pair or user is disabled.".into());
    }
    let me = cx.me();
    me.authenticated = true;
    me.user = name.to_owned();
    Ok(())
}

/// Names of clients have no spaces or special characters.
pub fn check_name(name: &[u8]) -> Res {
    if until_nul(name).iter().all(u8::is_ascii_graphic) {
        Ok(())
    } else {
        Err("ERR Client names cannot contain spaces, newlines or special characters.".into())
    }
}

/// SUBSCRIBE and its relatives. A transaction may begin to listen to channels and patterns as it ever could, although
/// its replies are more than one for each command; to those of a shard it may not.
pub fn subscribe(cx: &mut Cx<'_>, scope: Scope) -> Res {
    if cx.no_block && matches!(scope, Scope::Shard) {
        return Err("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client".into());
    }
    for name in &cx.argv[1..] {
        cx.s.subscribe(cx.client, scope, name, cx.out);
    }
    Ok(())
}

/// UNSUBSCRIBE and its relatives.
pub fn unsubscribe(cx: &mut Cx<'_>, scope: Scope) -> Res {
    if cx.argc() > 1 {
        for name in &cx.argv[1..] {
            cx.s.unsubscribe(cx.client, scope, name, Some(cx.out));
        }
        return Ok(());
    }
    let all = cx.s.subscriptions(cx.client, scope);
    if all.is_empty() {
        cx.s.confirm(cx.client, scope, false, None, cx.out);
    }
    for name in all {
        cx.s.unsubscribe(cx.client, scope, &name, Some(cx.out));
    }
    Ok(())
}

/// The options of FLUSHALL and FLUSHDB.
pub fn check_flush(cx: &Cx<'_>) -> Res {
    match cx.argc() {
        1 => Ok(()),
        2 if cx.is(1, "SYNC") || cx.is(1, "ASYNC") => Ok(()),
        _ => Err(err::SYNTAX.into()),
    }
}

/// A flush ends every move of slots.
pub fn cancel_migrations(cx: &mut Cx<'_>) {
    let name = String::from_utf8_lossy(cx.arg(0)).into_owned();
    cx.s.cancel_migrations(&name, |_| true);
}

/// Counts the keys that a flush gave to the background. One that waits for them is no different, where it
/// can wait.
pub fn count_lazy_flush(cx: &mut Cx<'_>, before: u64) {
    let asked = cx.is(1, "ASYNC") || (cx.argc() == 1 && cx.s.config.bool(crate::config::LAZYFREE_LAZY_USER_FLUSH));
    if asked || !cx.no_block {
        cx.s.count.lazy_freed += cx.s.count.keys_flushed - before;
    }
    if !asked && !cx.no_block {
        // Redis answers when the background is done: what the client itself is told of comes before that.
        let me = cx.me();
        let told = std::mem::take(&mut me.pending_push);
        me.out.buf.extend_from_slice(&told);
    }
}

impl Server {
    /// Empties databases.
    pub fn flush(&mut self, dbs: &[usize]) {
        if dbs.contains(&0) {
            self.cancel_trims();
            self.slot_stats.reset_all();
        }
        self.databases_emptied(dbs);
        let mut removed = 0;
        for n in dbs {
            if let Some(db) = self.dbs.get_mut(*n) {
                removed += db.len();
                db.clear(&mut self.trash);
            }
        }
        let waited: Vec<_> = self.waiting.keys().filter(|(db, _)| dbs.contains(db)).cloned().collect();
        for place in waited {
            self.ready_keys.push_back(place);
        }
        if !self.tracking.is_empty() {
            self.invalidate_all();
        }
        self.count.keys_flushed += removed as u64;
        self.dirty += removed as u64 + 1;
    }
}
