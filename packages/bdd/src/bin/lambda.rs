//! The function that state machines ask, as AWS Lambda starts it. The dataset stands in its zip, beside the program.

use std::path::Path;
use std::process::ExitCode;

use bdd::Function;
use dataset::Dataset;
use host_lambda::Fault;
use verify::Client;

fn main() -> ExitCode {
    host_lambda::main_answering(|platform| {
        let folder = std::env::var_os("LAMBDA_TASK_ROOT").ok_or("LAMBDA_TASK_ROOT is not set")?;
        let dataset = Dataset::load(&Path::new(&folder).join("mock-data")).map_err(|problems| {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            problems.join("; ")
        })?;
        // Flows ask all services under one origin, the configuration among them.
        let client = Client::remote(&platform.config_service_url).map_err(|error| error.to_string())?;
        let function = Function::new(dataset, client, platform.secrets.clone());
        Ok::<_, String>(async move |payload| function.answer(&payload).await.map_err(Fault::Failed))
    })
}
