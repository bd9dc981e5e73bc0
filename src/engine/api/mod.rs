//! The routes of the Engine API: method and path to handler.

mod build;
mod containers;
mod exec;
mod images;
mod networks;
mod streams;
mod system;
mod volumes;

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::http::{Reply, Request};

/// What a handler gives.
type Answer<'a> = Pin<Box<dyn Future<Output = ApiResult<()>> + 'a>>;

/// A handler.
pub type Handler = for<'a> fn(&'a Rc<Daemon>, &'a Request, &'a mut Reply) -> Answer<'a>;

/// One route: `*` stands for a name or id; in `/images/…` it may hold slashes.
struct Route {
    method: &'static str,
    pattern: &'static str,
    handler: Handler,
}

macro_rules! routes {
    ($($method:literal $pattern:literal => $handler:path,)*) => {
        &[$(Route { method: $method, pattern: $pattern, handler: |d, q, r| Box::pin($handler(d, q, r)) },)*]
    };
}

/// All routes, sorted by method and pattern.
const ROUTES: &[Route] = routes! {
    "DELETE" "/containers/*" => containers::remove,
    "DELETE" "/images/*" => images::remove,
    "DELETE" "/networks/*" => networks::remove,
    "DELETE" "/volumes/*" => volumes::remove,
    "GET" "/_ping" => system::ping,
    "GET" "/configs" => system::swarm,
    "GET" "/containers/*/archive" => containers::archive_get,
    "GET" "/containers/*/changes" => containers::changes,
    "GET" "/containers/*/export" => containers::export,
    "GET" "/containers/*/json" => containers::inspect,
    "GET" "/containers/*/logs" => streams::logs,
    "GET" "/containers/*/stats" => streams::stats,
    "GET" "/containers/*/top" => containers::top,
    "GET" "/containers/json" => containers::list,
    "GET" "/distribution/*/json" => images::distribution,
    "GET" "/events" => streams::events,
    "GET" "/exec/*/json" => exec::inspect,
    "GET" "/images/*/get" => images::save,
    "GET" "/images/*/history" => images::history,
    "GET" "/images/*/json" => images::inspect,
    "GET" "/images/get" => images::save,
    "GET" "/images/json" => images::list,
    "GET" "/images/search" => images::search,
    "GET" "/info" => system::info,
    "GET" "/networks" => networks::list,
    "GET" "/networks/*" => networks::inspect,
    "GET" "/nodes" => system::swarm,
    "GET" "/plugins" => system::plugins,
    "GET" "/plugins/*/json" => system::plugin,
    "GET" "/secrets" => system::swarm,
    "GET" "/services" => system::swarm,
    "GET" "/swarm" => system::swarm,
    "GET" "/swarm/unlockkey" => system::swarm,
    "GET" "/system/df" => system::disk_usage,
    "GET" "/version" => system::version,
    "GET" "/volumes" => volumes::list,
    "GET" "/volumes/*" => volumes::inspect,
    "HEAD" "/_ping" => system::ping,
    "HEAD" "/containers/*/archive" => containers::archive_stat,
    "POST" "/auth" => system::auth,
    "POST" "/build" => build::build,
    "POST" "/build/prune" => build::prune,
    "POST" "/commit" => images::commit,
    "POST" "/containers/*/attach" => streams::attach,
    "POST" "/containers/*/exec" => exec::create,
    "POST" "/containers/*/kill" => containers::kill,
    "POST" "/containers/*/pause" => containers::pause,
    "POST" "/containers/*/rename" => containers::rename,
    "POST" "/containers/*/resize" => containers::resize,
    "POST" "/containers/*/restart" => containers::restart,
    "POST" "/containers/*/start" => containers::start,
    "POST" "/containers/*/stop" => containers::stop,
    "POST" "/containers/*/unpause" => containers::unpause,
    "POST" "/containers/*/update" => containers::update,
    "POST" "/containers/*/wait" => streams::wait,
    "POST" "/containers/create" => containers::create,
    "POST" "/containers/prune" => containers::prune,
    "POST" "/exec/*/resize" => exec::resize,
    "POST" "/exec/*/start" => exec::start,
    "POST" "/images/*/push" => images::push,
    "POST" "/images/*/tag" => images::tag,
    "POST" "/images/create" => images::create,
    "POST" "/images/load" => images::load,
    "POST" "/images/prune" => images::prune,
    "POST" "/networks/*/connect" => networks::connect,
    "POST" "/networks/*/disconnect" => networks::disconnect,
    "POST" "/networks/create" => networks::create,
    "POST" "/networks/prune" => networks::prune,
    "POST" "/swarm/leave" => system::swarm_leave,
    "POST" "/volumes/create" => volumes::create,
    "POST" "/volumes/prune" => volumes::prune,
    "PUT" "/containers/*/archive" => containers::archive_put,
};

/// The handler of a request, and what the pattern's `*` stands for.
pub fn find(method: &str, path: &str) -> Option<(Handler, String)> {
    ROUTES.iter().filter(|r| r.method == method).find_map(|r| Some((r.handler, matched(r.pattern, path)?)))
}

fn matched(pattern: &str, path: &str) -> Option<String> {
    let Some((prefix, suffix)) = pattern.split_once('*') else {
        return (pattern == path).then(String::new);
    };
    let arg = path.strip_prefix(prefix)?.strip_suffix(suffix)?;
    let slashes = ["/distribution/", "/images/", "/networks/"].iter().any(|p| prefix.starts_with(p));
    (!arg.is_empty() && (slashes || !arg.contains('/'))).then(|| arg.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_sorted() {
        assert!(ROUTES.windows(2).all(|w| (w[0].method, w[0].pattern) < (w[1].method, w[1].pattern)));
    }

    #[test]
    fn patterns_match() {
        assert_eq!(matched("/images/*/json", "/images/me/app:1/json").as_deref(), Some("me/app:1"));
        assert_eq!(matched("/images/*/json", "/images/json"), None);
        assert_eq!(matched("/containers/*", "/containers/a/b"), None);
        assert!(find("GET", "/containers/json").is_some() && find("GET", "/nosuch").is_none());
    }
}
