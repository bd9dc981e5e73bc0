//! `--cluster SUBCOMMAND …` and the options of the cluster manager.

use super::{Arguments, Options, Stop, usage};
use crate::words::{atof, atoi};

/// What the cluster manager shall do.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// The subcommand; `None` without `--cluster`.
    pub command: Option<String>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// `--cluster-yes`
    pub yes: bool,
    /// `--cluster-replicas`
    pub replicas: i64,
    /// `--cluster-slave`
    pub slave: bool,
    /// `--cluster-master-id`
    pub master_id: Option<String>,
    /// `--cluster-from`
    pub from: Option<String>,
    /// `--cluster-to`
    pub to: Option<String>,
    /// `--cluster-from-user`
    pub from_user: Option<String>,
    /// `--cluster-from-pass`
    pub from_pass: Option<String>,
    /// `--cluster-from-askpass`
    pub from_askpass: bool,
    /// `--cluster-weight`
    pub weights: Option<Vec<String>>,
    /// `--cluster-slots`
    pub slots: i64,
    /// `--cluster-timeout`, in milliseconds
    pub timeout: i64,
    /// `--cluster-pipeline`
    pub pipeline: i64,
    /// `--cluster-threshold`
    pub threshold: f64,
    /// `--cluster-use-empty-masters`
    pub use_empty_masters: bool,
    /// `--cluster-simulate`
    pub simulate: bool,
    /// `--cluster-replace`
    pub replace: bool,
    /// `--cluster-copy`
    pub copy: bool,
    /// `--cluster-only-masters`
    pub only_masters: bool,
    /// `--cluster-only-replicas`
    pub only_replicas: bool,
    /// `--cluster-search-multiple-owners`
    pub search_owners: bool,
    /// `--cluster-fix-with-unreachable-masters`
    pub fix_with_unreachable: bool,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            command: None,
            arguments: Vec::new(),
            yes: false,
            replicas: 0,
            slave: false,
            master_id: None,
            from: None,
            to: None,
            from_user: None,
            from_pass: None,
            from_askpass: false,
            weights: None,
            slots: 0,
            timeout: 60_000,
            pipeline: 10,
            threshold: 2.0,
            use_empty_masters: false,
            simulate: false,
            replace: false,
            copy: false,
            only_masters: false,
            only_replicas: false,
            search_owners: false,
            fix_with_unreachable: false,
        }
    }
}

pub(super) fn option(options: &mut Options, word: &str, arguments: &mut Arguments<'_>) -> Result<bool, Stop> {
    if word == "--cluster" {
        if arguments.is_last() || options.cluster.command.is_some() {
            return Err(usage(1));
        }
        options.cluster.command = Some(arguments.value().into());
        options.cluster.arguments = plain_words(arguments);
        return Ok(true);
    }
    // "-h" as the last word asks for the usage.
    if word == "-h" {
        return Err(usage(0));
    }
    let cluster = &mut options.cluster;
    if cluster.flag(word) || (!arguments.is_last() && cluster.with_value(word, arguments)?) {
        return Ok(true);
    }
    if cluster.command.is_some() && !word.starts_with('-') {
        if cluster.arguments.is_empty() {
            arguments.at -= 1;
            cluster.arguments = plain_words(arguments);
        }
        return Ok(true);
    }
    Ok(false)
}

/// The words up to the next option.
fn plain_words(arguments: &mut Arguments<'_>) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(word) = arguments.words.get(arguments.at + 1).filter(|w| !w.starts_with('-')) {
        found.push(word.clone());
        arguments.at += 1;
    }
    found
}

impl ClusterOptions {
    fn flag(&mut self, word: &str) -> bool {
        *match word {
            "--cluster-only-masters" => &mut self.only_masters,
            "--cluster-only-replicas" => &mut self.only_replicas,
            "--cluster-from-askpass" => &mut self.from_askpass,
            "--cluster-yes" => &mut self.yes,
            "--cluster-simulate" => &mut self.simulate,
            "--cluster-replace" => &mut self.replace,
            "--cluster-copy" => &mut self.copy,
            "--cluster-slave" => &mut self.slave,
            "--cluster-use-empty-masters" => &mut self.use_empty_masters,
            "--cluster-search-multiple-owners" => &mut self.search_owners,
            "--cluster-fix-with-unreachable-masters" => &mut self.fix_with_unreachable,
            _ => return false,
        } = true;
        true
    }

    fn with_value(&mut self, word: &str, arguments: &mut Arguments<'_>) -> Result<bool, Stop> {
        match word {
            "--cluster-replicas" => self.replicas = atoi(arguments.value()),
            "--cluster-master-id" => self.master_id = Some(arguments.value().into()),
            "--cluster-from" => self.from = Some(arguments.value().into()),
            "--cluster-to" => self.to = Some(arguments.value().into()),
            "--cluster-from-user" => self.from_user = Some(arguments.value().into()),
            "--cluster-from-pass" => self.from_pass = Some(arguments.value().into()),
            "--cluster-slots" => self.slots = atoi(arguments.value()),
            "--cluster-timeout" => self.timeout = atoi(arguments.value()),
            "--cluster-pipeline" => self.pipeline = atoi(arguments.value()),
            "--cluster-threshold" => self.threshold = atof(arguments.value()),
            "--cluster-weight" => {
                if self.weights.is_some() {
                    return Err(Stop::error(
                        "WARNING: you cannot use --cluster-weight more than once.\n\
                         You can set more weights by adding them as a space-separated list, ie:\n\
                         --cluster-weight n1=w n2=w\n",
                    ));
                }
                let mut weights = Vec::new();
                while let Some(weight) =
                    arguments.words.get(arguments.at + 1).filter(|w| !w.starts_with("--") && w.contains('='))
                {
                    weights.push(weight.clone());
                    arguments.at += 1;
                }
                self.weights = (!weights.is_empty()).then_some(weights);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}
