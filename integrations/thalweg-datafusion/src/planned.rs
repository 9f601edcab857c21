//! The checks of a plan.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::FunctionRewrite;
use datafusion::logical_expr::{Expr, ExprSchemable, lit};

use crate::ArgumentError;
use crate::location::Location;
use crate::model::Model;
use crate::score::{Score, text};

/// Compares the arguments of each call with its model, and puts the contents of the model beside its place.
///
/// This is done to the plan as it was written: later, columns of queries within queries take each other's place, and their names
/// say nothing.
#[derive(Debug)]
pub(crate) struct Planned;

impl FunctionRewrite for Planned {
    fn name(&self) -> &str {
        "thalweg_models"
    }

    fn rewrite(
        &self,
        expr: Expr,
        schema: &DFSchema,
        _: &ConfigOptions,
    ) -> Result<Transformed<Expr>> {
        let Expr::ScalarFunction(call) = expr else {
            return Ok(Transformed::no(expr));
        };
        let Some(score) = call.func.inner().downcast_ref::<Score>() else {
            return Ok(Transformed::no(Expr::ScalarFunction(call)));
        };
        let location = match call.args.first() {
            Some(Expr::Literal(scalar, _)) => text(scalar),
            _ => None,
        };
        // Without a literal the type of the call is an error already.
        let Some(location) = location else {
            return Ok(Transformed::no(Expr::ScalarFunction(call)));
        };
        // A plan that comes from another machine was checked there.
        if Location::parse(&location).is_ok_and(|location| location.contents.is_some()) {
            return Ok(Transformed::no(Expr::ScalarFunction(call)));
        }
        let model = score.model(&location)?;
        check(score, &model, &call.args[1..], schema)?;
        let mut args = call.args.clone();
        args[0] = lit(model.location.to_string());
        let call = ScalarFunction::new_udf(call.func.clone(), args);
        Ok(Transformed::yes(Expr::ScalarFunction(call)))
    }
}

fn check(score: &Score, model: &Model, args: &[Expr], schema: &DFSchema) -> Result<()> {
    let (function, columns) = (score.measure.name(), model.names());
    let names: Vec<Option<&str>> = args.iter().map(name).collect();
    let given: Vec<&str> = names.iter().flatten().copied().collect();
    let beside = score.measure.check_count(model, args.len(), &given)?;
    if let Some(row) = args[..beside].first() {
        let found = row.get_type(schema)?;
        if !found.is_integer() {
            let found = found.to_string();
            return Err(ArgumentError::Row { function, found }.into());
        }
    }
    let of = || model.location.url().to_string();
    let (args, names) = (&args[beside..], &names[beside..]);
    for (known, name) in model.columns().iter().zip(names) {
        if let Some(found) = name.filter(|name| *name != known.name)
            && columns.iter().any(|column| column == found)
        {
            return Err(ArgumentError::Order {
                function,
                model: of(),
                found: found.to_owned(),
                expected: known.name.clone(),
                columns,
            }
            .into());
        }
    }
    for (known, arg) in model.columns().iter().zip(args) {
        let (data, column) = (arg.get_type(schema)?, known.name.clone());
        if is_null(arg) && !known.missing {
            return Err(ArgumentError::Null {
                function,
                model: of(),
                column,
            }
            .into());
        }
        if data != DataType::Null && !model.takes(known, &data) {
            return Err(ArgumentError::Type {
                function,
                model: of(),
                column,
                found: data.to_string(),
                expected: known.column_type(),
            }
            .into());
        }
    }
    Ok(())
}

/// Whether an argument is NULL, whatever its type.
fn is_null(arg: &Expr) -> bool {
    match arg {
        Expr::Literal(scalar, _) => scalar.is_null(),
        Expr::Cast(cast) => is_null(&cast.expr),
        Expr::TryCast(cast) => is_null(&cast.expr),
        Expr::Alias(alias) => is_null(&alias.expr),
        _ => false,
    }
}

/// The name of an argument that is a column.
fn name(arg: &Expr) -> Option<&str> {
    match arg {
        Expr::Column(column) | Expr::OuterReferenceColumn(_, column) => Some(&column.name),
        Expr::Alias(alias) => name(&alias.expr),
        _ => None,
    }
}
