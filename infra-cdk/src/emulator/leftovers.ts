// What is left in an account after its stacks were destroyed.

import type { Aws } from './aws.js';

/** The names of everything that a stack could have left, each with its service. */
export async function leftOvers(aws: Aws): Promise<string[]> {
  const json = (service: string, target: string, list: string, name?: string) => async () => {
    const found: unknown[] = (await aws.json(service, target))[list] ?? [];
    return found.map((item) => (name === undefined ? String(item) : (item as Record<string, string>)[name] ?? ''));
  };
  const rest = (service: string, path: string, list: string, name: string) => async () => {
    const found: Record<string, string>[] = JSON.parse(await aws.rest(service, 'GET', path))[list] ?? [];
    return found.map((item) => item[name] ?? '');
  };
  const kinds: Record<string, () => Promise<string[]>> = {
    stack: () => aws.stacks(),
    table: json('dynamodb', 'DynamoDB_20120810.ListTables', 'TableNames'),
    queue: json('sqs', 'AmazonSQS.ListQueues', 'QueueUrls'),
    parameter: json('ssm', 'AmazonSSM.DescribeParameters', 'Parameters', 'Name'),
    'log group': json('logs', 'Logs_20140328.DescribeLogGroups', 'logGroups', 'logGroupName'),
    rule: json('events', 'AWSEvents.ListRules', 'Rules', 'Name'),
    function: rest('lambda', '/2015-03-31/functions/', 'Functions', 'FunctionName'),
    'source of events': rest('lambda', '/2015-03-31/event-source-mappings/', 'EventSourceMappings', 'UUID'),
    api: rest('apigateway', '/v2/apis', 'items', 'name'),
    bucket: async () => {
      const text = await aws.rest('s3', 'GET', '/');
      return [...text.matchAll(/<Bucket>.*?<Name>([^<]*)</gs)].map(([, name]) => name ?? '');
    },
  };
  const found = Object.entries(kinds).map(async ([kind, list]) => (await list()).map((name) => `${kind} ${name}`));
  return (await Promise.all(found)).flat();
}
