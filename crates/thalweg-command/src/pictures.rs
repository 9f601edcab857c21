//! Images that a command writes.

use std::path::Path;

use serde_json::json;
use thalweg::data::Images;
use thalweg::plot::SampleGrid;

use crate::console::Console;
use crate::failure::Failure;
use crate::outputs::{ForceArgs, Output};

/// Where images go, by the name: `sheet.png`, `images.idx`, or a folder.
enum Target {
    Sheet,
    Idx,
    Folder,
}

impl Target {
    fn of(output: &Path) -> Result<Self, Failure> {
        let ends = output
            .to_string_lossy()
            .ends_with(std::path::MAIN_SEPARATOR);
        let ending = output.extension().map(|ending| ending.to_ascii_lowercase());
        match ending.as_deref().and_then(|ending| ending.to_str()) {
            _ if ends || output.is_dir() => Ok(Self::Folder),
            Some("png") => Ok(Self::Sheet),
            Some("idx") => Ok(Self::Idx),
            _ => Err(Failure::Usage(format!(
                "{} says no format of images; end it in .png for one sheet, .idx for one file, or / for a folder of \
                 pictures",
                output.display()
            ))),
        }
    }
}

/// Refuses a place where `count` images with these names cannot be written, or would overwrite others.
pub(crate) fn allow(
    output: &Path,
    count: usize,
    names: Option<&[String]>,
    force: &ForceArgs,
) -> Result<(), Failure> {
    match Target::of(output)? {
        Target::Sheet | Target::Idx => force.allow([&output.to_owned()], Output::Images),
        Target::Folder => {
            let paths = Images::paths_of_pictures(output, count, names)?;
            force.allow(&paths, Output::Images)
        }
    }
}

/// Writes images, in rows of `columns` on a sheet.
pub(crate) fn write(
    images: &Images,
    output: &Path,
    columns: Option<usize>,
    console: &Console,
) -> Result<(), Failure> {
    match Target::of(output)? {
        Target::Sheet => sheet(images, output, columns)?,
        Target::Idx => images.save_idx(output)?,
        Target::Folder => images.save_pictures(output).map(drop)?,
    }
    console.result(
        || format!("{} images written to {}", images.count(), output.display()),
        || json!({ "images": images.count(), "output": output }),
    )
}

fn sheet(images: &Images, output: &Path, columns: Option<usize>) -> Result<(), Failure> {
    let white = f32::from(u8::try_from(images.levels() - 1).unwrap_or(u8::MAX));
    let pixels: Vec<f32> = images
        .pixels()
        .iter()
        .map(|pixel| f32::from(*pixel) / white)
        .collect();
    let grid = SampleGrid::new(images.height(), images.width(), images.channels());
    let grid = match columns {
        Some(columns) => grid.columns(columns),
        None => grid,
    };
    Ok(grid.save(&pixels, output)?)
}
