//! `thalweg view`.

use std::process::{Command, Stdio};

use clap::Args;
use thalweg::data::Toy;
use thalweg_view::{Options, Viewer};

use crate::command::DeviceArgs;
use crate::console::Console;
use crate::failure::Failure;

/// Look at a flow while it learns: its density, its draws, the ways of points through its layers
///
/// Serves a page to the browser of this machine, until Ctrl-C. Whoever has the printed address sees the page; others are
/// refused.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct View {
    /// The points that a flow learns first: @two_moons, @rings, @checkerboard, @pinwheel, @eight_gaussians or @spirals
    #[arg(default_value = "@two_moons", value_name = "@TOY")]
    subject: String,
    /// The name or address to listen on; with another than the default, other machines can reach the page
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The port [default: a free one]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Print the address and open no browser
    #[arg(long)]
    no_open: bool,
    #[command(flatten)]
    device: DeviceArgs,
}

const EXAMPLES: &str = "\
Examples:
  thalweg view
  thalweg view @spirals --no-open --port 8000";

impl View {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let device = self.device.open()?;
        let toy = match self.subject.strip_prefix('@') {
            Some(name) => name.parse::<Toy>()?,
            None => {
                let problem = format!(
                    "\"{}\" is no set of points; they begin with `@`, such as @two_moons",
                    self.subject
                );
                return Err(Failure::Usage(problem));
            }
        };
        let viewer = Viewer::bind(Options {
            host: self.host.clone(),
            port: self.port,
            toy,
            ..Options::new(&device)
        })?;
        let url = viewer.url();
        console.result(|| url.to_owned(), || serde_json::json!({ "url": url }))?;
        console.note("Ctrl-C ends the page.");
        if !self.no_open && !open(url) {
            console.note("No browser opened by itself; open the address above.");
        }
        Ok(viewer.serve()?)
    }
}

/// Opens the browser of the desktop, and says whether that worked.
fn open(url: &str) -> bool {
    let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("rundll32", &["url.dll,FileProtocolHandler"]),
        _ => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(url);
    // What a browser says is not for the reader of this terminal.
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
