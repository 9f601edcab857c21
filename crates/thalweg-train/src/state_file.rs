//! States as files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use burn::tensor::{Bytes, TensorData};
use burn_pack::{Reader, Tensor, Writer};
use thiserror::Error;

use thalweg_file::write_with;
use thalweg_optim::State;

/// Begins every file, so that a foreign one is known by its first bytes.
const MAGIC: &[u8; 8] = b"thalweg\n";

/// The version of the format that this program writes; it reads no newer one.
const VERSION: u32 = 1;

/// Magic, version, checksum.
const HEADER: usize = 16;

/// Why a state was not written or read.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_optim::SingleGradient;
/// # use thalweg_train::Data;
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// # let sgd = SingleGradient::new(SgdConfig::new().init());
/// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
/// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
/// use thalweg_train::{Outcome, StateFileError, TrainError, Trainer};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-state-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("run.state");
/// std::fs::write(&path, "a shopping list")?;
/// let trained = Trainer::new(3, 0.5).resume(&path).fit(model, sgd, &data, loss, &mut ());
/// # std::fs::remove_dir_all(folder).ok();
/// let Outcome::Failed(TrainError::State(error)) = trained.outcome else {
///     panic!("{}", trained.outcome);
/// };
/// assert!(matches!(error, StateFileError::Foreign { .. }));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateFileError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Its error.
        source: io::Error,
    },
    /// The file of another program.
    #[error("{}: not a state written by thalweg (it does not begin as one)", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file of a later version of this crate.
    #[error(
        "{}: format version {version}, but this program reads up to {VERSION}; update thalweg",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// A file that is not as it was written.
    #[error(
        "{}: {reason}; the file was cut short or damaged, go on from an earlier one",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
}

/// Writes a state: the file appears whole or not at all, and an earlier one stays until then, also
/// when the machine loses power.
pub(crate) fn write(state: &State, path: &Path) -> Result<(), StateFileError> {
    let written = pack(state).and_then(|content| {
        write_with(path, |path| {
            let mut file = File::create(path)?;
            file.write_all(MAGIC)?;
            file.write_all(&VERSION.to_le_bytes())?;
            file.write_all(&check(VERSION, &content).to_le_bytes())?;
            file.write_all(&content)
        })
    });
    written.map_err(|source| StateFileError::Io {
        path: path.to_owned(),
        source,
    })
}

fn pack(state: &State) -> io::Result<Bytes> {
    let tensors = state.tensors.iter().map(|(name, data)| {
        let bytes = Bytes::from_bytes_vec(data.as_bytes().to_vec());
        let shape = data.shape().clone();
        Tensor::new(name.clone(), data.dtype(), shape, None, bytes)
    });
    let mut writer = Writer::new(tensors.collect());
    for (name, number) in &state.numbers {
        writer = writer.with_scalar(name, (*number).into());
    }
    for (name, word) in &state.words {
        writer = writer.with_metadata(name, word);
    }
    writer.into_bytes().map_err(io::Error::other)
}

/// Reads a state, whole and of a known version.
pub(crate) fn read(path: &Path) -> Result<State, StateFileError> {
    let damaged = |reason: String| StateFileError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let bytes = thalweg_file::read(path).map_err(|source| StateFileError::Io {
        path: path.to_owned(),
        source,
    })?;
    let begins = bytes.len().min(MAGIC.len());
    if bytes[..begins] != MAGIC[..begins] || bytes.is_empty() {
        return Err(StateFileError::Foreign {
            path: path.to_owned(),
        });
    }
    if bytes.len() < HEADER {
        return Err(damaged(format!("it has only {} bytes", bytes.len())));
    }
    let word = |at: usize| {
        let mut word = [0; 4];
        word.copy_from_slice(&bytes[at..at + 4]);
        u32::from_le_bytes(word)
    };
    let (version, checksum) = (word(8), word(12));
    if checksum != check(version, &bytes[HEADER..]) {
        return Err(damaged("its checksum does not match".to_owned()));
    }
    if version != VERSION {
        return Err(StateFileError::Newer {
            path: path.to_owned(),
            version,
        });
    }
    let content = Bytes::from_bytes_vec(bytes[HEADER..].to_vec());
    unpack(content).map_err(|error| damaged(error.to_string()))
}

fn unpack(content: Bytes) -> Result<State, burn_pack::Error> {
    let reader = Reader::from_bytes(content)?;
    let words = reader.metadata().clone();
    let numbers = reader.scalars().iter();
    let numbers = numbers
        .map(|(name, number)| {
            let number = u64::try_from(*number);
            number
                .map(|number| (name.clone(), number))
                .map_err(|error| burn_pack::Error::ValidationError(format!("{name}: {error}")))
        })
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    let tensors = reader.into_tensors()?.into_iter();
    let tensors = tensors
        .map(|tensor| {
            let (name, dtype, shape, _, bytes) = tensor.into_parts()?;
            Ok((name, TensorData::from_bytes(bytes, shape, dtype)))
        })
        .collect::<Result<BTreeMap<_, _>, burn_pack::Error>>()?;
    Ok(State {
        tensors,
        numbers,
        words,
    })
}

/// The checksum of a version and a content.
fn check(version: u32, content: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&version.to_le_bytes());
    hasher.update(content);
    hasher.finalize()
}
