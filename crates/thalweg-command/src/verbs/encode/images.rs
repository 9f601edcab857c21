//! Latents of images.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use thalweg::data::{Column, DataError, Table, Text, Values};
use thalweg::images::{AnyImages, CodesWriter};

use super::Encode;
use crate::console::Console;
use crate::failure::Failure;
use crate::images::{ImageChunk, ImageChunks};
use crate::outputs::Output;
use crate::pipeline;
use crate::transform::transform;

/// The latents of some images, image by image, and the names of these.
struct Encoded {
    values: Vec<f32>,
    names: Vec<String>,
}

impl Encode {
    /// Reads, encodes and writes images in parts.
    pub(super) fn images(&self, model: &AnyImages, console: &Console) -> Result<(), Failure> {
        self.csv.refuse_for_images()?;
        self.force.allow(&self.output, Output::Latents)?;
        let chunks = ImageChunks::open(&self.data, model)?;
        let (width, failed) = (model.latent_width(), AtomicUsize::new(0));
        let encode = |chunk| self.encoded(model, chunk, &failed, console);
        match &self.output {
            Some(path) if path.extension().is_some_and(|end| end == "safetensors") => {
                tensor(chunks, encode, width, path, console)?;
            }
            output => {
                let encode = |chunk| table(&encode(chunk)?, width);
                transform(chunks, encode, output.as_deref(), console)?;
            }
        }
        match failed.into_inner() {
            0 => {}
            failed => {
                console.note(format!("{failed} images have no latent and are left out"));
            }
        }
        Ok(())
    }

    /// The latents of the images of a chunk that have one; `failed` counts the others.
    fn encoded(
        &self,
        model: &AnyImages,
        chunk: ImageChunk,
        failed: &AtomicUsize,
        console: &Console,
    ) -> Result<Encoded, Failure> {
        let (mut values, mut names) = (Vec::new(), Vec::new());
        let latents = model.encode(&chunk.images)?;
        for place in chunk.places {
            let name = place.name;
            let latent = place.image.and_then(|index| {
                let latent = latents[index].as_ref();
                latent.map_err(ToString::to_string)
            });
            match latent {
                Ok(latent) => {
                    values.extend(latent);
                    names.push(name);
                }
                Err(problem) if self.skip_errors => {
                    console.note(format!("{name}: {problem}"));
                    failed.fetch_add(1, Ordering::Relaxed);
                }
                Err(problem) => {
                    return Err(Failure::Image {
                        problem: format!(
                            "{name}: {problem}; leave such images out with `--skip-errors`"
                        ),
                    });
                }
            }
        }
        Ok(Encoded { values, names })
    }
}

/// Writes latents as one tensor.
fn tensor(
    chunks: ImageChunks<'_>,
    encode: impl Fn(ImageChunk) -> Result<Encoded, Failure> + Sync,
    width: usize,
    path: &Path,
    console: &Console,
) -> Result<(), Failure> {
    let count = pipeline::run(
        chunks,
        encode,
        || Ok((CodesWriter::create(path, width)?, 0)),
        |(writer, count), encoded| {
            *count += encoded.names.len();
            Ok(writer.append(&encoded.values, encoded.names)?)
        },
        |(writer, count)| {
            writer.finish()?;
            Ok(count)
        },
    )?;
    console.result(
        || format!("latents of {count} images written to {}", path.display()),
        || json!({ "images": count, "numbers": width, "output": path }),
    )
}

/// Latents as a table, one row an image.
fn table(encoded: &Encoded, width: usize) -> Result<Table, Failure> {
    let mut names = Text::default();
    encoded.names.iter().for_each(|name| names.push(Some(name)));
    let column = |k: usize| {
        let values = encoded.values.iter().skip(k).step_by(width);
        Column::numbers(
            &format!("z_{}", k + 1),
            values.map(|z| f64::from(*z)).collect(),
        )
    };
    let columns = std::iter::once(Column::new("name", Values::Text(names)));
    Ok(Table::new(columns.chain((0..width).map(column)).collect()).map_err(DataError::from)?)
}
