//! `thalweg view`.

use std::path::Path;
use std::process::{Command, Stdio};

use clap::Args;
use thalweg::data::Toy;
use thalweg_view::{Options, Subject, Viewer};

use crate::command::OpenArgs;
use crate::console::Console;
use crate::data::{CsvArgs, refuse};
use crate::failure::Failure;
use crate::images::ImageChunks;
use crate::model::Loaded;

/// Images of the data that the page shows.
const IMAGES: usize = 24;

/// Look at a flow while it learns, or at a model of a table or of images, in the browser
///
/// Serves a page to the browser of this machine, until Ctrl-C. Whoever has the printed address sees the page; others are
/// refused.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct View {
    /// A model of a table or of images, or points that a flow learns from its beginning: @two_moons, @rings, @checkerboard,
    /// @pinwheel, @eight_gaussians or @spirals
    #[arg(default_value = "@two_moons", value_name = "MODEL|@TOY")]
    subject: String,
    /// A table to show beside the draws of a model of tables, or images to go between
    #[arg(long, value_name = "DATA")]
    data: Option<String>,
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
    open: OpenArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

const EXAMPLES: &str = "\
Examples:
  thalweg view
  thalweg view weather.safetensors --data @weather
  thalweg view digits.safetensors --data @digits
  thalweg view @spirals --no-open --port 8000";

impl View {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let viewer = Viewer::bind(Options {
            host: self.host.clone(),
            port: self.port,
            subject: self.subject(console)?,
            ..Options::new(&self.open.device()?)
        })?;
        let url = viewer.url();
        console.result(|| url.to_owned(), || serde_json::json!({ "url": url }))?;
        console.note("Ctrl-C ends the page.");
        if !self.no_open && !open(url) {
            console.note("No browser opened by itself; open the address above.");
        }
        viewer.serve()
    }

    fn subject(&self, console: &Console) -> Result<Subject, Failure> {
        if let Some(name) = self.subject.strip_prefix('@') {
            let data = [("data", self.data.is_some())];
            refuse(&data, "for models, and a toy has its own points")?;
            return Ok(Subject::Toy(name.parse::<Toy>()?));
        }
        let path = Path::new(&self.subject);
        match self.open.model(path)? {
            Loaded::Table(model) => {
                let table = |name: &String| self.csv.table(name, model.csv_options(), console);
                let table = self.data.as_ref().map(table).transpose()?;
                Ok(Subject::Table(model, table))
            }
            Loaded::Images(model) => {
                self.csv.refuse_for_images()?;
                let images = |name: &String| ImageChunks::open(name, &model)?.first(IMAGES);
                let images = self.data.as_ref().map(images).transpose()?;
                Ok(Subject::Images(model, images))
            }
            other @ Loaded::Vectors(_) => Err(other.refused(path)),
        }
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
