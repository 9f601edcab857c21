//! A folder of simulations.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::ran::Ran;
use super::{Cause, Failure};
use crate::SbiError;

/// A folder of safetensors files, each with the simulations from the number in its name on: `theta` of all, `x` of
/// those that have data, and the failures as JSON in the metadata.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
}

/// The name of the metadata with the failures.
const FAILURES: &str = "thalweg.failures";

impl Cache {
    pub(super) fn open(folder: &Path) -> Result<Self, SbiError> {
        fs::create_dir_all(folder).map_err(|source| SbiError::Write {
            path: folder.to_owned(),
            source,
        })?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The parts from simulation 0 on without a gap, of the first `n` simulations.
    pub(super) fn read(&self, n: usize) -> Result<Vec<Vec<Ran>>, SbiError> {
        let (mut parts, mut next) = (vec![], 0);
        loop {
            let path = self.path(next);
            if next >= n || !path.exists() {
                return Ok(parts);
            }
            let mut part = read_part(&path, next)?;
            let count = part.len();
            part.truncate(n - next);
            parts.push(part);
            next += count;
        }
    }

    /// Writes the simulations from `first` on.
    pub(super) fn write(&self, first: usize, part: &[Ran]) -> Result<(), SbiError> {
        let path = self.path(first);
        let failures: Vec<Failure> = part.iter().filter_map(Ran::failure).collect();
        let x: Vec<&Vec<f64>> = part.iter().filter_map(|ran| ran.x.as_ref().ok()).collect();
        let width = x.first().map_or(0, |x| x.len());
        for ran in part {
            if let Ok(x) = &ran.x {
                SbiError::width(ran.index, x.len(), width)?;
            }
        }
        let bytes = |rows: &mut dyn Iterator<Item = &Vec<f64>>| -> Vec<u8> {
            rows.flatten()
                .flat_map(|value| value.to_le_bytes())
                .collect()
        };
        let theta = bytes(&mut part.iter().map(|ran| &ran.theta));
        let dims = part.first().map_or(0, |ran| ran.theta.len());
        let data = bytes(&mut x.iter().copied());
        let view = |rows, columns, bytes| TensorView::new(Dtype::F64, vec![rows, columns], bytes);
        let write = || {
            let tensors = [
                ("theta", view(part.len(), dims, &theta)?),
                ("x", view(x.len(), width, &data)?),
            ];
            let failures = serde_json::to_string(&failures).map_err(std::io::Error::other);
            let failures = [(FAILURES.to_owned(), failures?)].into();
            safetensors::serialize(tensors, Some(failures))
        };
        let bytes = write().map_err(std::io::Error::other);
        let written = bytes.and_then(|bytes| thalweg_file::write(&path, &bytes));
        written.map_err(|source| SbiError::Write { path, source })
    }

    /// An error that says how the cache differs.
    pub(super) fn other(&self, what: &'static str) -> SbiError {
        SbiError::OtherCache {
            folder: self.folder.clone(),
            what,
        }
    }

    fn path(&self, first: usize) -> PathBuf {
        self.folder.join(format!("{first:012}.safetensors"))
    }
}

fn read_part(path: &Path, first: usize) -> Result<Vec<Ran>, SbiError> {
    let unreadable = |problem: String| SbiError::Cache {
        path: path.to_owned(),
        problem,
    };
    let bytes = thalweg_file::read(path).map_err(|error| unreadable(error.to_string()))?;
    parse(&bytes, first).map_err(unreadable)
}

fn parse(bytes: &[u8], first: usize) -> Result<Vec<Ran>, String> {
    let words = |error: safetensors::SafeTensorError| error.to_string();
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(words)?;
    let failures = header.metadata().as_ref().and_then(|map| map.get(FAILURES));
    let failures = failures.ok_or("it has no list of failures")?;
    let failures: Vec<Failure> = serde_json::from_str(failures).map_err(|e| e.to_string())?;
    let failures: BTreeMap<usize, Cause> =
        failures.into_iter().map(|f| (f.index, f.cause)).collect();
    let file = SafeTensors::deserialize(bytes).map_err(words)?;
    let theta = rows(&file, "theta")?;
    let mut data = rows(&file, "x")?.into_iter();
    let mut part = vec![];
    for (offset, theta) in theta.into_iter().enumerate() {
        let index = first + offset;
        let x = match failures.get(&index) {
            Some(cause) => Err(cause.clone()),
            None => Ok(data.next().ok_or("it lacks data")?),
        };
        part.push(Ran { index, theta, x });
    }
    match (data.next(), part.is_empty()) {
        (None, false) => Ok(part),
        _ => Err("it has other numbers of parameters and data".to_owned()),
    }
}

fn rows(file: &SafeTensors<'_>, name: &str) -> Result<Vec<Vec<f64>>, String> {
    let tensor = file.tensor(name).map_err(|error| error.to_string())?;
    let (Dtype::F64, [_, columns]) = (tensor.dtype(), tensor.shape()) else {
        let (shape, dtype) = (tensor.shape(), tensor.dtype());
        return Err(format!(
            "{name} is {dtype:?} of shape {shape:?}, not F64 of [rows, columns]"
        ));
    };
    let value = |bytes: &[u8]| f64::from_le_bytes(std::array::from_fn(|k| bytes[k]));
    let values: Vec<f64> = tensor.data().chunks_exact(8).map(value).collect();
    Ok(values
        .chunks_exact((*columns).max(1))
        .map(<[f64]>::to_vec)
        .collect())
}
