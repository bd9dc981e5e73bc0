//! The picture that a server draws on a terminal when it starts.

/// The picture with its facts.
pub fn logo(version: &str, mode: &str, port: i64, pid: u32) -> String {
    let rows = [
        "                _._                                                  ".to_owned(),
        "           _.-``__ ''-._                                             ".to_owned(),
        "      _.-``    `.  `_.  ''-._           Redis Open Source            ".to_owned(),
        format!("  .-`` .-```.  ```\\/    _.,_ ''-._      {version} (00000000/0) 64 bit"),
        format!(" (    '      ,       .-`  | `,    )     Running in {mode} mode"),
        format!(" |`-._`-...-` __...-.``-._|'` _.-'|     Port: {port}"),
        format!(" |    `-._   `._    /     _.-'    |     PID: {pid}"),
        "  `-._    `-._  `-./  _.-'    _.-'                                   ".to_owned(),
        " |`-._`-._    `-.__.-'    _.-'_.-'|                                  ".to_owned(),
        " |    `-._`-._        _.-'_.-'    |           https://redis.io       ".to_owned(),
        "  `-._    `-._`-.__.-'_.-'    _.-'                                   ".to_owned(),
        " |`-._`-._    `-.__.-'    _.-'_.-'|                                  ".to_owned(),
        " |    `-._`-._        _.-'_.-'    |                                  ".to_owned(),
        "  `-._    `-._`-.__.-'_.-'    _.-'                                   ".to_owned(),
        "      `-._    `-.__.-'    _.-'                                       ".to_owned(),
        "          `-._        _.-'                                           ".to_owned(),
        "              `-.__.-'                                               ".to_owned(),
    ];
    let mut text = rows.join("\n");
    text.push_str("\n\n");
    text
}
