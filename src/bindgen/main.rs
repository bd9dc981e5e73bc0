//! wasm-bindgen's command, built from the one locked version, so that it and the library never differ.

fn main() {
    if let Err(error) = wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os()) {
        eprintln!("wasm-bindgen: {error:#}");
        std::process::exit(1);
    }
}
