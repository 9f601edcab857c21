//! Which parameter is which: what an optimizer finds its memory by.
//!
//! Burn draws the id of a parameter at random when it makes one, so that no two parameters of a program
//! share one; an optimizer's record names the parameters by their ids. A file therefore holds the ids
//! beside the weights, in the order of the names: a model that is loaded goes on with the memory that
//! was saved beside it. Ids made of the parameters' names would need no place in the file, but two models
//! of one configuration would share them, and in one optimizer each would take the other's memory.

use std::collections::{BTreeMap, BTreeSet};

use burn::module::ParamId;

use super::collect::Named;

/// The ids of parameters in order of their names, in hexadecimal digits.
pub(super) fn written(parameters: &[Named]) -> String {
    let ids = parameters
        .iter()
        .map(|one| format!("{:016x}", one.id.val()));
    ids.collect::<Vec<_>>().join(" ")
}

/// The ids of parameters by their names, which come in order. A parameter that two names share keeps
/// its id under the first; the other is a parameter of its own once it is loaded, and so draws one.
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
