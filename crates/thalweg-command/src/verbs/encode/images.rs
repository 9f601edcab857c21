//! Latents of images.

use serde_json::json;
use thalweg::data::{Column, DataError, Table, Text, Values};
use thalweg::images::{AnyImages, Codes};

use super::Encode;
use crate::console::Console;
use crate::failure::Failure;
use crate::images::ImageChunks;
use crate::verbs::sample;

impl Encode {
    /// The latents of images.
    pub(super) fn images(&self, model: &AnyImages, console: &Console) -> Result<(), Failure> {
        self.csv.refuse_for_images()?;
        self.force.allow(&self.output)?;
        let (mut values, mut names, mut failed) = (Vec::new(), Vec::new(), 0);
        for chunk in ImageChunks::open(&self.data, model)? {
            let chunk = chunk?;
            let latents = model.encode(&chunk.images)?;
            for place in chunk.places {
                let latent = match place.image {
                    Ok(index) => latents[index]
                        .clone()
                        .map_err(|problem| problem.to_string()),
                    Err(problem) => Err(problem),
                };
                match latent {
                    Ok(latent) => {
                        values.extend(latent);
                        names.push(place.name);
                    }
                    Err(problem) if !self.skip_errors => {
                        let name = place.name;
                        return Err(Failure::Image {
                            problem: format!(
                                "{name}: {problem}; leave such images out with `--skip-errors`"
                            ),
                        });
                    }
                    Err(problem) => {
                        console.note(format!("{}: {problem}", place.name));
                        failed += 1;
                    }
                }
            }
        }
        if failed > 0 {
            console.note(format!("{failed} images have no latent and are left out"));
        }
        let codes = Codes::new(model.latent_width(), values, names);
        match &self.output {
            Some(path)
                if path
                    .extension()
                    .is_some_and(|ending| ending == "safetensors") =>
            {
                codes.save(path)?;
                console.result(
                    || {
                        format!(
                            "latents of {} images written to {}",
                            codes.count(),
                            path.display()
                        )
                    },
                    || json!({ "images": codes.count(), "numbers": codes.width(), "output": path }),
                )
            }
            output => sample::write(&table(&codes)?, output.as_ref(), &self.force, console),
        }
    }
}

/// Latents as a table, one row an image.
fn table(codes: &Codes) -> Result<Table, Failure> {
    let mut names = Text::default();
    codes.names().iter().for_each(|name| names.push(Some(name)));
    let width = codes.width();
    let column = |k: usize| {
        let values = codes.values().iter().skip(k).step_by(width);
        Column::numbers(
            &format!("z_{}", k + 1),
            values.map(|z| f64::from(*z)).collect(),
        )
    };
    let columns = std::iter::once(Column::new("name", Values::Text(names)));
    Ok(Table::new(columns.chain((0..width).map(column)).collect()).map_err(DataError::from)?)
}
