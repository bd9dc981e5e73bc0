//! `uname`: what system this is.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "asnrvmpio",
    long: &[
        ("all", 'a', Value::None),
        ("kernel-name", 's', Value::None),
        ("nodename", 'n', Value::None),
        ("kernel-release", 'r', Value::None),
        ("kernel-version", 'v', Value::None),
        ("machine", 'm', Value::None),
        ("processor", 'p', Value::None),
        ("hardware-platform", 'i', Value::None),
        ("operating-system", 'o', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: uname [OPTION]...
Print certain system information.  With no OPTION, same as -s.

  -a, --all                print all information, in the following order,
                             except omit -p and -i if unknown:
  -s, --kernel-name        print the kernel name
  -n, --nodename           print the network node hostname
  -r, --kernel-release     print the kernel release
  -v, --kernel-version     print the kernel version
  -m, --machine            print the machine hardware name
  -p, --processor          print the processor type (non-portable)
  -i, --hardware-platform  print the hardware platform (non-portable)
  -o, --operating-system   print the operating system
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if let Some(extra) = parsed.operands.first() {
        return cx.usage_error(&format!("extra operand {}", cx.quote(extra))).await;
    }
    let text = |path: &str| {
        let bytes = cx.sys.read_file(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).trim_end().to_string()
    };
    let fields = [
        ('s', "Linux".to_string()),
        ('n', cx.sys.hostname()),
        ('r', text("/proc/sys/kernel/osrelease")),
        ('v', text("/proc/sys/kernel/version")),
        ('m', "x86_64".to_string()),
        ('p', "unknown".to_string()),
        ('i', "unknown".to_string()),
        ('o', "GNU/Linux".to_string()),
    ];
    let all = parsed.has('a');
    let none = parsed.options.is_empty();
    let shown: Vec<&str> = fields
        .iter()
        .filter(|(letter, _)| parsed.has(*letter) || (all && !"pi".contains(*letter)) || (none && *letter == 's'))
        .map(|(letter, value)| if *letter == 'o' && cx.is_busybox() { "Linux" } else { value.as_str() })
        .collect();
    let line = shown.join(" ");
    cx.line(&line).await;
    cx.status()
}
