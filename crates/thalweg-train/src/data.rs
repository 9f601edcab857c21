use std::fmt;

/// Where the batches of a run come from: one function of the epoch for training and, if wanted,
/// one for validation.
///
/// The epoch counts from 0. A function that derives its shuffle from the epoch (and not from a
/// generator it keeps) makes a run repeatable.
///
/// ```
/// # use thalweg_train::Data;
/// let batches = vec![vec![1.0, 2.0], vec![3.0]];
/// let held_out = vec![vec![4.0]];
/// let data = Data::train(|_epoch| batches.clone()).validate(|_epoch| held_out.clone());
/// # let _ = data;
/// ```
#[derive(Clone)]
pub struct Data<T, V> {
    pub(crate) train: T,
    pub(crate) validation: Option<V>,
}

/// The type of a validation source that is absent.
pub type NoValidation<B> = fn(usize) -> Vec<B>;

impl<T, I, B> Data<T, NoValidation<B>>
where
    T: Fn(usize) -> I,
    I: IntoIterator<Item = B>,
{
    /// Batches to train on, without validation.
    pub fn train(train: T) -> Self {
        Self {
            train,
            validation: None,
        }
    }
}

impl<T, V> Data<T, V> {
    /// Adds batches to validate on.
    pub fn validate<W, J>(self, validation: W) -> Data<T, W>
    where
        W: Fn(usize) -> J,
        J: IntoIterator,
    {
        Data {
            train: self.train,
            validation: Some(validation),
        }
    }
}

impl<T, V> fmt::Debug for Data<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("validation", &self.validation.is_some())
            .finish_non_exhaustive()
    }
}
