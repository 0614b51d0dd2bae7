// Compiled, not run: the declarations are whole under `strict`, without the DOM's types, Node's or skipLibCheck.
import { gaussianMixture, type KMeansModel, kmeans, type Matrix, type MatrixLike } from 'cauda';
import * as io from 'cauda/io';
import * as nn from 'cauda/nn';
import * as node from 'cauda/node';
import * as ood from 'cauda/ood';

export async function cluster(X: MatrixLike): Promise<Int32Array> {
  const model: KMeansModel = await kmeans(X, { nClusters: 3, workers: 2 });
  return model.predict(X);
}

export async function probabilities(X: MatrixLike): Promise<Matrix> {
  return (await gaussianMixture(X, { nComponents: 2, covarianceType: 'diag' })).predictProba(X);
}

// @ts-expect-error a misspelled option is a compile-time error
export const misspelled = (X: MatrixLike): unknown => kmeans(X, { nCluster: 3 });

export const subPaths: object[] = [io, nn, node, ood];
