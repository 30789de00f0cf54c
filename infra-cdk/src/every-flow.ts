// The state machine of an enver: runs every flow's, each under a name of its own, and says in the end which of them failed.

/** What every flow is told, beside its run and the log-in of the platform's administrator. */
export interface Told {
  readonly baseUrl: string;
  readonly connectionArn: string;
  readonly enver: string;
  readonly functions: { readonly values: string };
}

/** A flow and its state machine. */
export interface Runnable {
  readonly flow: string;
  readonly machine: string;
}

const AT_ONCE = 4;
/** As long as all flows may take, if each takes all the time it may. */
const WHOLE_SECONDS = 3600;

/** In the Amazon States Language. It is given `{"platform": {"email": "…", "password": "…"}}`. */
export function everyFlow(flows: readonly Runnable[], told: Told): object {
  const input = {
    ...told,
    // Letters and digits, as names of a dataset are made of.
    'run.$': "States.Format('r{}', States.ArrayGetItem(States.StringSplit($.execution, '-'), 0))",
    'platform.$': '$.platform',
    'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$': '$$.Execution.Id',
  };
  const noted = (passed: boolean) => ({
    Type: 'Pass',
    Parameters: { 'flow.$': '$.flow', 'execution.$': '$.execution', passed },
    End: true,
  });
  return {
    Comment: `Runs the flows of ${told.enver} against it`,
    StartAt: 'Flows',
    TimeoutSeconds: WHOLE_SECONDS,
    States: {
      Flows: { Type: 'Pass', Result: flows, ResultPath: '$.flows', Next: 'Each flow' },
      'Each flow': {
        Type: 'Map',
        ItemsPath: '$.flows',
        MaxConcurrency: AT_ONCE,
        ItemSelector: {
          'flow.$': '$$.Map.Item.Value.flow',
          'machine.$': '$$.Map.Item.Value.machine',
          'platform.$': '$.platform',
          'execution.$': 'States.UUID()',
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'Run',
          States: {
            Run: {
              Type: 'Task',
              Resource: 'arn:aws:states:::states:startExecution.sync:2',
              Parameters: { 'StateMachineArn.$': '$.machine', 'Name.$': '$.execution', Input: input },
              // Why it failed is the execution's own summary: its error here repeats the input, and so the password.
              ResultPath: null,
              Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Flow failed' }],
              Next: 'Flow passed',
            },
            'Flow passed': noted(true),
            'Flow failed': noted(false),
          },
        },
        ResultPath: '$.results',
        Next: 'Summary',
      },
      Summary: {
        Type: 'Pass',
        Parameters: {
          'flows.$': 'States.ArrayLength($.results)',
          'someFailed.$': 'States.ArrayContains($.results[*].passed, false)',
        },
        ResultPath: '$.summary',
        Next: 'All passed?',
      },
      'All passed?': {
        Type: 'Choice',
        Choices: [{ Variable: '$.summary.someFailed', BooleanEquals: true, Next: 'Which' }],
        Default: 'Passed',
      },
      Passed: { Type: 'Succeed', OutputPath: '$.summary' },
      // A filter that nothing passes is an error, so it is asked only where something does.
      Which: {
        Type: 'Pass',
        Parameters: { 'flows.$': '$.summary.flows', 'failed.$': '$.results[?(@.passed == false)]' },
        ResultPath: '$.summary',
        Next: 'Why',
      },
      Why: { Type: 'Pass', Parameters: { 'text.$': 'States.JsonToString($.summary)' }, ResultPath: '$.why', Next: 'Failed' },
      Failed: { Type: 'Fail', Error: 'FlowsFailed', CausePath: '$.why.text' },
    },
  };
}
