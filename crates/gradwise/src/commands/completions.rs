//! `gradwise completions`: what a shell needs to complete our command lines.

use crate::failure::Failure;
use crate::output;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Prints a script that completes command lines in a shell.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gradwise completions bash > \
                        ~/.local/share/bash-completion/completions/gradwise")]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn run(self) -> Result<(), Failure> {
        let mut command = crate::Arguments::command();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "gradwise", &mut script);
        output::print(&String::from_utf8_lossy(&script))
    }
}
