// Stands for the module that infra/build makes: tests deploy nothing.
