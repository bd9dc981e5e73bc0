//! Parameters of several words, and limits beyond those of their kind.

use super::{
    BIND, CLIENT_OUTPUT_BUFFER_LIMIT, Config, Id, LATENCY_TRACKING_INFO_PERCENTILES, NOTIFY_KEYSPACE_EVENTS,
    OOM_SCORE_ADJ_VALUES, REPLICAOF, Refusal, SAVE, Setting, lossy, memory,
};
use crate::server::notify;

/// When to save: after so many seconds with at least so many changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavePoint {
    /// Seconds since the last save.
    pub seconds: i64,
    /// Changes since the last save.
    pub changes: i64,
}

impl SavePoint {
    pub(super) fn defaults() -> Vec<SavePoint> {
        [(3600, 1), (300, 100), (60, 10000)].map(|(seconds, changes)| SavePoint { seconds, changes }).to_vec()
    }

    pub(super) fn show(points: &[SavePoint]) -> String {
        points.iter().map(|p| format!("{} {}", p.seconds, p.changes)).collect::<Vec<_>>().join(" ")
    }
}

/// How much output may wait for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferLimit {
    /// Beyond this the client goes at once.
    pub hard: i64,
    /// Beyond this for `soft_seconds` the client goes.
    pub soft: i64,
    /// For how long.
    pub soft_seconds: i64,
}

impl BufferLimit {
    pub(super) fn defaults() -> [BufferLimit; 3] {
        [(0, 0, 0), (268_435_456, 67_108_864, 60), (33_554_432, 8_388_608, 60)]
            .map(|(hard, soft, soft_seconds)| BufferLimit { hard, soft, soft_seconds })
    }

    pub(super) fn show(limits: &[BufferLimit; 3]) -> String {
        ["normal", "slave", "pubsub"]
            .iter()
            .zip(limits)
            .map(|(class, l)| format!("{class} {} {} {}", l.hard, l.soft, l.soft_seconds))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The words of all arguments together: CONFIG SET passes one argument of several words.
fn split(words: &[&[u8]]) -> Vec<Vec<u8>> {
    match words {
        [one] => one.split(|c| *c == b' ').filter(|w| !w.is_empty()).map(<[u8]>::to_vec).collect(),
        many => many.iter().map(|w| w.to_vec()).collect(),
    }
}

pub(super) fn set(config: &mut Config, id: Id, words: &[&[u8]]) -> Result<(), Refusal> {
    let list = split(words);
    match id {
        SAVE => return save(config, &list),
        CLIENT_OUTPUT_BUFFER_LIMIT => return buffer_limit(config, &list),
        NOTIFY_KEYSPACE_EVENTS => {
            let text = words.first().copied().unwrap_or_default();
            let Some(flags) = notify::parse(text) else {
                return Err("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.".into());
            };
            config.values[id.0] = Setting::Text(notify::show(flags));
        }
        LATENCY_TRACKING_INFO_PERCENTILES => {
            let mut shown = Vec::new();
            for word in &list {
                let n: Option<f64> = std::str::from_utf8(word).ok().and_then(|w| w.parse().ok());
                match n {
                    Some(n) if (0.0..=100.0).contains(&n) => shown.push(resp::format_double(n)),
                    Some(_) => {
                        return Err(
                            "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]".into()
                        );
                    }
                    None => return Err("Invalid latency-tracking-info-percentiles parameters".into()),
                }
            }
            config.values[id.0] = Setting::Text(shown.join(" "));
        }
        OOM_SCORE_ADJ_VALUES => {
            if list.len() != 3 {
                return Err("wrong number of arguments".into());
            }
            let values: Vec<Option<i64>> =
                list.iter().map(|w| resp::parse_i64(w).filter(|n| (-2000..=2000).contains(n))).collect();
            if values.iter().any(Option::is_none) {
                return Err("Invalid oom-score-adj-values, elements must be between -2000 and 2000.".into());
            }
            config.values[id.0] = Setting::Text(join(&list));
        }
        BIND => {
            if list.len() > 16 {
                return Err("Too many bind addresses specified.".into());
            }
            config.values[id.0] = Setting::Text(join(&list));
        }
        REPLICAOF => {
            if list.len() != 2 {
                return Err("wrong number of arguments".into());
            }
            let none = list[0].eq_ignore_ascii_case(b"no") && list[1].eq_ignore_ascii_case(b"one");
            if !none && resp::parse_i64(&list[1]).filter(|n| (0..=65535).contains(n)).is_none() {
                return Err("Invalid master port".into());
            }
            config.values[id.0] = Setting::Text(if none { String::new() } else { join(&list) });
        }
        _ => config.values[id.0] = Setting::Text(words.iter().map(|w| lossy(w)).collect::<Vec<_>>().join(" ")),
    }
    Ok(())
}

fn join(words: &[Vec<u8>]) -> String {
    words.iter().map(|w| lossy(w)).collect::<Vec<_>>().join(" ")
}

fn save(config: &mut Config, list: &[Vec<u8>]) -> Result<(), Refusal> {
    if !list.len().is_multiple_of(2) {
        return Err("Invalid save parameters".into());
    }
    let mut points = Vec::new();
    for pair in list.chunks_exact(2) {
        let (seconds, changes) = (resp::parse_i64(&pair[0]), resp::parse_i64(&pair[1]));
        match (seconds, changes) {
            (Some(seconds), Some(changes)) if seconds >= 1 && changes >= 0 => {
                points.push(SavePoint { seconds, changes })
            }
            _ => return Err("Invalid save parameters".into()),
        }
    }
    config.save = points;
    Ok(())
}

fn buffer_limit(config: &mut Config, list: &[Vec<u8>]) -> Result<(), Refusal> {
    if !list.len().is_multiple_of(4) {
        return Err("Wrong number of arguments in buffer limit configuration.".into());
    }
    let mut limits = config.buffer_limits;
    for group in list.chunks_exact(4) {
        let class = match group[0].to_ascii_lowercase().as_slice() {
            b"normal" => 0,
            b"slave" | b"replica" => 1,
            b"pubsub" => 2,
            _ => return Err("Invalid client class specified in buffer limit configuration.".into()),
        };
        match (memory::parse(&group[1]), memory::parse(&group[2]), resp::parse_i64(&group[3])) {
            (Some(hard), Some(soft), Some(soft_seconds)) if soft_seconds >= 0 => {
                limits[class] = BufferLimit { hard, soft, soft_seconds };
            }
            _ => {
                return Err("Error in hard, soft or soft_seconds setting in buffer limit configuration.".into());
            }
        }
    }
    config.buffer_limits = limits;
    Ok(())
}

/// What the kind of a parameter does not say.
pub(super) fn check(id: Id, value: &Setting) -> Result<(), Refusal> {
    let text = match value {
        Setting::Text(text) => text,
        Setting::Bool(true) if id == super::ACTIVEDEFRAG => {
            return Err("Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified Jemalloc like the one shipped by default with the Redis source distribution".into());
        }
        Setting::Choice(bits) if matches!(id, super::SHUTDOWN_ON_SIGINT | super::SHUTDOWN_ON_SIGTERM) => {
            // The words are: default, save, nosave, now, force.
            let both = bits & 0b110 == 0b110;
            return if both {
                Err("shutdown options SAVE and NOSAVE can't be used simultaneously".into())
            } else {
                Ok(())
            };
        }
        _ => return Ok(()),
    };
    let is_path = text.contains('/');
    match id {
        super::DBFILENAME if is_path => Err("dbfilename can't be a path, just a filename".into()),
        super::APPENDFILENAME if is_path => Err("appendfilename can't be a path, just a filename".into()),
        super::APPENDFILENAME if text.is_empty() => Err("appendfilename can't be empty".into()),
        super::APPENDDIRNAME if is_path => Err("appenddirname can't be a path, just a dirname".into()),
        super::APPENDDIRNAME if text.is_empty() => Err("appenddirname can't be empty".into()),
        super::CLUSTER_ANNOUNCE_HOSTNAME | super::CLUSTER_ANNOUNCE_HUMAN_NODENAME if text.len() > 255 => {
            Err("Hostnames must be less than 256 characters".into())
        }
        super::CLUSTER_ANNOUNCE_HOSTNAME
            if !text.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.')) =>
        {
            Err("Hostnames may only contain alphanumeric characters, hyphens or dots".into())
        }
        super::CLUSTER_ANNOUNCE_HUMAN_NODENAME if !text.bytes().all(is_aux) => {
            Err("Announced human node name contained invalid character".into())
        }
        super::CLUSTER_ANNOUNCE_IP if !text.is_empty() && text.parse::<std::net::IpAddr>().is_err() => {
            Err("Cluster announce IP must be a valid IPv4 or IPv6 address".into())
        }
        super::LOCALE_COLLATE if !matches!(text.as_str(), "" | "C" | "POSIX" | "C.UTF-8" | "C.utf8") => {
            Err("Invalid locale name".into())
        }
        super::PROC_TITLE_TEMPLATE if !is_title(text) => {
            Err("template format is invalid or contains unknown variables".into())
        }
        _ => Ok(()),
    }
}

/// Characters that may stand in the fields of a line of nodes.conf.
fn is_aux(c: u8) -> bool {
    !c.is_ascii_control() && !b"!#$%&()*+:;<>?@[]^{|}~,= \"'\\".contains(&c)
}

/// Whether a title of the process is made of text and known variables, and of something at all.
fn is_title(template: &str) -> bool {
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { return false };
        let name = &rest[open + 1..open + close];
        let known =
            ["title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file"].contains(&name);
        if !known {
            return false;
        }
        rest = &rest[open + close + 1..];
    }
    !template.trim().is_empty()
}
