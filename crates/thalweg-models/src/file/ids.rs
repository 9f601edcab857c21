//! The ids of parameters, by which an optimizer finds its state.
//!
//! Burn draws the id of a parameter at random when it makes one, so that no two parameters of a
//! program share one; an optimizer's record names the parameters by their ids. A file therefore holds
//! the ids beside the weights, in order of the names: training of a loaded model continues with the
//! state saved beside it. Ids derived from the names would need no place in the file, but two models
//! of one configuration would share them, and in one optimizer each would take the other's state.

use std::collections::{BTreeMap, BTreeSet};

use burn::module::ParamId;

use super::tensors::Named;

/// The ids of parameters in order of their names, in hexadecimal digits.
pub(super) fn written(parameters: &[Named]) -> String {
    let ids = parameters
        .iter()
        .map(|one| format!("{:016x}", one.id.val()));
    ids.collect::<Vec<_>>().join(" ")
}

/// The ids of parameters by name, from the names in order. A parameter shared by two names keeps its
/// id under the first; the second is a separate parameter once loaded, and draws its own id.
pub(super) fn read<'a>(
    text: &str,
    names: impl ExactSizeIterator<Item = &'a str>,
) -> Result<BTreeMap<String, ParamId>, String> {
    let ids: Vec<&str> = text.split_ascii_whitespace().collect();
    if ids.len() != names.len() {
        return Err(format!(
            "it holds {} ids for {} tensors",
            ids.len(),
            names.len()
        ));
    }
    let (mut taken, mut found) = (BTreeSet::new(), BTreeMap::new());
    for (name, id) in names.zip(ids) {
        let number = u64::from_str_radix(id, 16)
            .map_err(|_| format!("the id of {name}, {id:?}, is no hexadecimal number"))?;
        if taken.insert(number) {
            found.insert(name.to_owned(), ParamId::from(number));
        }
    }
    Ok(found)
}
