// Alarms of a service, with thresholds from the configuration, and the dashboard that shows the same.

import { Duration, Stack } from 'aws-cdk-lib';
import type { CfnApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Made } from './functions.js';
import type { Deployment, Stage } from './manifest.js';
import { logicalId } from './names.js';
import type { Queues } from './queues.js';

export interface Watched {
  readonly stage: Stage;
  readonly service: string;
  readonly api: CfnApi;
  readonly table: string;
  readonly consumers: readonly { readonly queues: Queues; readonly made: Made }[];
  readonly relay: Made | undefined;
  readonly deployment: Deployment;
  readonly topic: ITopic;
}

/** The alarms that a bad version of a function sets off. */
export interface Guarded {
  readonly made: Made;
  readonly alarms: readonly Alarm[];
}

/** The alarms of a service. It returns those of its API, and those of each function that is not behind it. */
export function makeAlarms(scope: Construct, watched: Watched): { ofApi: Alarm[]; ofOthers: Guarded[] } {
  const { stage, service, api, deployment, topic } = watched;
  const { faultsIn5Minutes, latencyP99Millis, oldestMessageSeconds, throttledCallsIn5Minutes } = deployment.alarms;
  const period = Duration.minutes(5);
  const ofGateway = (metricName: string, statistic: string) =>
    new Metric({ namespace: 'AWS/ApiGateway', metricName, dimensionsMap: { ApiId: api.ref }, statistic, period });
  const alarm = (id: string, description: string, metric: IMetric, threshold: number) => {
    const made = new Alarm(scope, `${id}Alarm`, {
      alarmName: `enver-${stage}-${service}-${id}`,
      alarmDescription: description,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    made.addAlarmAction(new SnsAction(topic));
    return made;
  };

  const faults = ofGateway('5xx', 'Sum');
  const latency = ofGateway('Latency', 'p99');
  const ofApi = [
    alarm('Faults', `${service} answers with faults of its own`, faults, faultsIn5Minutes),
    alarm('Latency', `${service} answers slowly: the hundredth part of the calls takes this long`, latency, latencyP99Millis),
  ];
  const ofTable = (metricName: string) =>
    new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap: { TableName: watched.table }, statistic: 'Sum', period });
  const throttled = new MathExpression({
    expression: 'reads + writes',
    usingMetrics: { reads: ofTable('ReadThrottleEvents'), writes: ofTable('WriteThrottleEvents') },
    label: 'Throttled',
    period,
  });
  alarm('Throttled', `The table of ${service} refuses calls`, throttled, throttledCallsIn5Minutes);
  const ofOthers: Guarded[] = [];
  const graphs = [
    new GraphWidget({ title: 'Calls', left: [ofGateway('Count', 'Sum'), ofGateway('4xx', 'Sum'), faults], width: 12 }),
    new GraphWidget({ title: 'Latency', left: [ofGateway('Latency', 'p50'), latency], width: 12 }),
    new GraphWidget({ title: 'Table', left: [throttled], width: 12 }),
  ];
  for (const { queues: { consumer, queue, dead }, made } of watched.consumers) {
    const errors = made.function.metricErrors({ period });
    const id = logicalId(consumer.queue);
    const waiting = queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' });
    const letters = dead.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' });
    alarm(`${id}Waiting`, `Messages of ${consumer.id} wait too long`, waiting, oldestMessageSeconds);
    const alarms = [
      alarm(`${id}Errors`, `${consumer.id} breaks off`, errors, faultsIn5Minutes),
      alarm(`${id}DeadLetters`, `${consumer.id} gave up on a message`, letters, 1),
    ];
    ofOthers.push({ made, alarms });
    graphs.push(new GraphWidget({ title: consumer.queue, left: [waiting], right: [errors, letters], width: 12 }));
  }
  if (watched.relay !== undefined) {
    const errors = watched.relay.function.metricErrors({ period });
    const alarms = [alarm('Relay', `Events of ${service} do not get out`, errors, faultsIn5Minutes)];
    ofOthers.push({ made: watched.relay, alarms });
    graphs.push(new GraphWidget({ title: 'Relay', left: [errors], width: 12 }));
  }
  new Dashboard(scope, 'Dashboard', {
    dashboardName: `enver-${stage}-${service}-${Stack.of(scope).region}`,
    widgets: pairs(graphs),
  });
  return { ofApi, ofOthers };
}

function pairs<T>(items: readonly T[]): T[][] {
  return items.flatMap((_, index) => (index % 2 === 0 ? [items.slice(index, index + 2)] : []));
}
